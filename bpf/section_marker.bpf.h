/* bpf/section_marker.bpf.h - system calls that start and stop sections: markers and watched ones */
#ifndef BPF_SECTION_MARKER_BPF_H
#define BPF_SECTION_MARKER_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/core_fixes.bpf.h"
#include "bpf/event.h"
#include "bpf/section.bpf.h"
#include "bpf/section_start.bpf.h"
#include "bpf/section_state.bpf.h"

/* Numbers without a system call in any kernel. Programs made for diagnose-tools call them. */
#define SECTION_MARKER_START 761203101
#define SECTION_MARKER_STOP  761203102

/* The first argument is the threshold in ms, or a pointer; then the second argument is the
 * threshold. Nothing is mapped below this, and no threshold is above it. */
#define SECTION_POINTER_FROM 0x400000ul

#define SECTION_NS_PER_MS 1000000ull
#define SECTION_NS_PER_US 1000ull

/* The paths "/diag/section/start/NUMBER[us]/LABEL" and "/diag/section/stop". */
#define SECTION_PATH_START_BYTES 19 /* "/diag/section/start" */
#define SECTION_PATH_DIGITS      10
#define SECTION_PATH_BYTES       96

/* The paths as words of eight bytes, which are compared at once. */
#define SECTION_WORD(a, b, c, d, e, f, g, h)                                                       \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 |   \
	 (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)
#define SECTION_PATH_FIRST   SECTION_WORD('/', 'd', 'i', 'a', 'g', '/', 's', 'e')
#define SECTION_PATH_SECOND  SECTION_WORD('c', 't', 'i', 'o', 'n', '/', 's', 't')
#define SECTION_PATH_STOPS   SECTION_WORD('o', 'p', 0, 0, 0, 0, 0, 0)
#define SECTION_PATH_STARTS  SECTION_WORD('a', 'r', 't', 0, 0, 0, 0, 0)
#define SECTION_PATH_LETTERS SECTION_WORD(0xff, 0xff, 0xff, 0, 0, 0, 0, 0) /* of "art" */

struct section_rule_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct section_rule_key);
	__type(value, __u64); /* threshold in ns */
};

extern struct section_rule_map section_rules SEC(".maps");
extern volatile __u32 section_rule_count;

static __always_inline __u64 section_argument_of(struct task_struct *task,
						 struct pt_regs *registers, __u32 number)
{
	return core_is_compat_call(task) ? machine_compat_call_argument(registers, number)
					 : machine_call_argument(registers, number);
}

/* The number as sections have it: marked if it is of the 32-bit ABI. */
static __always_inline __s32 section_call_number(struct task_struct *task, __s32 call)
{
	return core_is_compat_call(task) && call >= 0 ? call | SECTION_CALL_COMPAT : call;
}

static __always_inline __s32 section_call_of(struct pt_regs *registers)
{
	return machine_system_call(registers);
}

/* What a path marks. */
enum section_path {
	SECTION_PATH_NONE,
	SECTION_PATH_START,
	SECTION_PATH_STOP,
};

static __always_inline bool section_is_digit(char character)
{
	return character >= '0' && character <= '9';
}

/* Parses number, unit and label of "/NUMBER[us]/LABEL", each of which may be missing. */
static __always_inline void section_path_parse(const char *text,
					       struct section_start_place *ret_start)
{
	__u64 number = 0;
	__u32 at = SECTION_PATH_START_BYTES + 1;

	for (int i = 0; i < SECTION_PATH_DIGITS && section_is_digit(text[at]); i++, at++)
		number = number * 10 + (__u64)(text[at] - '0');
	if (text[at] == 'u' && text[at + 1] == 's') {
		ret_start->threshold_ns = number * SECTION_NS_PER_US;
		at += 2;
	} else {
		ret_start->threshold_ns = number * SECTION_NS_PER_MS;
	}
	if (text[at] != '/')
		return;
	for (__u32 i = 0; i < SECTION_LABEL_BYTES - 1; i++) {
		char character = text[at + 1 + i];

		if (!character || at + 1 + i >= SECTION_PATH_BYTES - 1)
			break;
		ret_start->label[i] = character;
	}
}

/* A path that is not resident is no marker here; it is read again when the call returns. */
static __noinline int section_path_kind(const void *path)
{
	__u64 words[3] = {};

	if (bpf_probe_read_user_str(words, sizeof(words), path) < 0 ||
	    words[0] != SECTION_PATH_FIRST || words[1] != SECTION_PATH_SECOND)
		return SECTION_PATH_NONE;
	if (words[2] == SECTION_PATH_STOPS)
		return SECTION_PATH_STOP;
	/* The bytes behind these letters are checked when the whole path is read. */
	return (words[2] & SECTION_PATH_LETTERS) == SECTION_PATH_STARTS ? SECTION_PATH_START
									: SECTION_PATH_NONE;
}

static __always_inline const void *section_path_of(struct task_struct *task,
						   struct pt_regs *registers, __s32 call)
{
	return (const void *)section_argument_of(task, registers,
						 machine_path_argument(call) == 0 ? 0 : 1);
}

static __always_inline void section_marker_start(struct section_start_place *start)
{
	struct section_thread *thread = section_thread_for_start(bpf_get_current_task_btf());

	if (thread)
		thread_section_start(thread, start);
}

static __always_inline void section_marker_stop(struct section_thread *thread)
{
	thread_section_stop(thread, SECTION_SOURCE_MARKER, 0);
}

/* The functions below are not inlined, so that their stack space is not added to that of others. */
static __noinline int section_marker_start_call(__u64 first, __u64 second)
{
	struct section_start_place start = {.source = SECTION_SOURCE_MARKER};

	start.threshold_ns =
		(first >= SECTION_POINTER_FROM ? (__u32)second : first) * SECTION_NS_PER_MS;
	section_marker_start(&start);
	return 0;
}

static __noinline int section_marker_start_path(const void *path)
{
	struct section_start_place start = {.source = SECTION_SOURCE_MARKER};
	char text[SECTION_PATH_BYTES] = {};

	if (bpf_probe_read_user_str(text, sizeof(text), path) < 0 ||
	    (text[SECTION_PATH_START_BYTES] && text[SECTION_PATH_START_BYTES] != '/'))
		return 0;
	section_path_parse(text, &start);
	section_marker_start(&start);
	return 0;
}

/* Starts a section if this system call is watched, of this process or of all that pass the filters.
 */
static __noinline int section_rule_enter(__u32 pid, __s32 call)
{
	struct section_rule_key key = {.pid = pid, .system_call = call};
	struct section_start_place start = {.source = SECTION_SOURCE_SYSTEM_CALL};
	__u64 *threshold_ns = bpf_map_lookup_elem(&section_rules, &key);

	if (!threshold_ns) {
		key.pid = SECTION_RULE_EVERY;
		threshold_ns = bpf_map_lookup_elem(&section_rules, &key);
	}
	if (!threshold_ns)
		return 0;
	start.threshold_ns = *threshold_ns;
	/* User space replaces the number with a name. */
	start.pair = (__u16)call;
	*(__s32 *)start.label = call;
	section_marker_start(&start);
	return 0;
}

/* Call at the start of a system call. Returns whether it is a marker, which is not recorded
 * otherwise. */
static __always_inline bool section_marker_enter(struct task_struct *task,
						 struct pt_regs *registers, __s32 call)
{
	struct section_thread *thread;

	if (call == SECTION_MARKER_START) {
		section_marker_start_call(section_argument_of(task, registers, 0),
					  section_argument_of(task, registers, 1));
		thread = bpf_task_storage_get(&section_threads, task, NULL, 0);
	} else if (call == SECTION_MARKER_STOP) {
		thread = bpf_task_storage_get(&section_threads, task, NULL, 0);
		if (thread && thread->depth)
			section_marker_stop(thread);
	} else {
		/* A section starts when its marker returns, and stops when its marker is called. */
		if (machine_path_argument(call) < 0)
			return false;
		thread = section_thread_in_section(task);
		if (!thread ||
		    section_path_kind(section_path_of(task, registers, call)) != SECTION_PATH_STOP)
			return false;
		section_marker_stop(thread);
	}
	if (thread)
		thread->marker = 1;
	return true;
}

/* Call at the end of a system call that has a path and has failed. The kernel has just read the
 * path. */
static __always_inline void section_marker_return(struct task_struct *task,
						  struct pt_regs *registers, __s32 call)
{
	const void *path = section_path_of(task, registers, call);
	struct section_thread *thread;

	switch (section_path_kind(path)) {
	case SECTION_PATH_START:
		section_marker_start_path(path);
		break;
	case SECTION_PATH_STOP:
		thread = section_thread_in_section(task);
		if (thread)
			section_marker_stop(thread);
		break;
	default:
		break;
	}
}

/* Stops the section of a watched system call when that ends. */
static __always_inline void section_rule_leave(struct section_thread *thread)
{
	struct thread_section *section = &thread->sections[section_level(thread)];

	if (section->source == SECTION_SOURCE_SYSTEM_CALL)
		thread_section_stop(thread, SECTION_SOURCE_SYSTEM_CALL, section->pair);
}

#endif
