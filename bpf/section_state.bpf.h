/* bpf/section_state.bpf.h - what is known of a thread while it is in a section, and where its time
 * goes
 *
 * Only the thread's own CPU writes here while it runs, but an interrupt may do so in the middle of
 * another program; while it does not run, the CPU that wakes it may. Time is therefore moved on by
 * compare-and-exchange: each nanosecond is charged exactly once, whoever comes in between.
 */
#ifndef BPF_SECTION_STATE_BPF_H
#define BPF_SECTION_STATE_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

/* Which handlers have interrupted the thread. */
enum section_interrupt {
	SECTION_IN_VECTOR = 1,
	SECTION_IN_IRQ = 2,
	SECTION_IN_SOFTIRQ = 4,
};

/* A stop that came from outside. Whoever moves it from ASKED to TAKEN does it. */
enum section_request {
	SECTION_REQUEST_NONE,
	SECTION_REQUEST_ASKED,
	SECTION_REQUEST_TAKEN,
};

struct thread_section {
	__u64 start_ns;
	__u64 threshold_ns;
	__u64 number;
	__u8 source;
	__u8 dirty; /* its account is not all 0 */
	__u16 pair;
	char label[SECTION_LABEL_BYTES];
};

struct section_thread {
	__u32 depth;  /* 0: in no section; all else is void then, but for `marker` and `identity` */
	__u32 marker; /* in a system call that is a marker: its end is no step */
	__u32 busy;   /* a section is just being started or stopped: nothing may be charged */
	__u32 request;        /* enum section_request */
	__u32 ignored_starts; /* deeper than SECTION_DEPTH_MAX */
	__u32 group_kept;     /* one section was kept since the outermost began */
	__u64 request_ns;

	__u64 charged_ns; /* everything before is in the accounts */
	__u32 off;        /* condition while it does not run, 0 while it does */
	__u32 interrupts; /* enum section_interrupt */
	__u32 row;        /* of the system call that it is in, 0 for none */
	__u32 row_count;
	__u64 call_ns;  /* when the system call began, 0 if that is not known */
	__u64 fault_ns; /* when the page fault began, 0 for none */
	__u64 fault_address;
	__u32 fault_run; /* faults in a row */
	__u32 last_step; /* enum section_step_type of the newest in the slot */
	__u64 out_ns;
	__u64 woken_ns;
	__u64 vector_ns;
	__u64 irq_ns;
	__u64 softirq_ns;
	__u64 timer_ns;
	__u64 hrtimer_ns;
	__u32 call_has_stack; /* a step of this system call carries the user stack */

	__u32 slot; /* 1 + number of the slot, 0 for none */
	__u64 head;
	__u32 sequence;
	__u32 slot_failed; /* none was free for this section's first step */

	struct event_task identity; /* as of its first section, or of the last that was kept */
	__s32 calls[SECTION_ROWS];
	struct thread_section sections[SECTION_DEPTH_MAX];
	struct section_account accounts[SECTION_DEPTH_MAX];
};

struct section_thread_map {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct section_thread);
};

extern struct section_thread_map section_threads SEC(".maps");
extern const volatile struct section_settings section_settings;
extern struct section_failures section_failures;

/* The state of a thread that is in a section, or NULL: the first question of every program. */
static __always_inline struct section_thread *section_thread_in_section(struct task_struct *task)
{
	struct section_thread *thread = bpf_task_storage_get(&section_threads, task, NULL, 0);

	return thread && thread->depth && !thread->busy ? thread : NULL;
}

static __always_inline __u32 section_level(const struct section_thread *thread)
{
	return (thread->depth - 1) & (SECTION_DEPTH_MAX - 1);
}

static __always_inline __u32 phase_state(const struct section_thread *thread)
{
	if (thread->off)
		return thread->off & (PHASE_STATE_COUNT - 1);
	if (thread->interrupts)
		return PHASE_STATE_INTERRUPT;
	if (thread->fault_ns)
		return PHASE_STATE_FAULT;
	return thread->row ? PHASE_STATE_KERNEL : PHASE_STATE_USER;
}

/*
 * Puts the time since the last call down to the current condition, and returns the time now. Like
 * the other functions that are not inlined, the verifier checks it once (thread_section.bpf.c).
 */
__u64 section_charge(struct section_thread *thread);

static __always_inline void section_count_entry(struct section_thread *thread, __u32 state)
{
	__u32 row = thread->row & (SECTION_ROWS - 1);

	__sync_fetch_and_add(&thread->accounts[section_level(thread)].rows[row].counts[state], 1);
}

/* The row of a system call, new if need be. */
static __always_inline __u32 section_row(struct section_thread *thread, __s32 call)
{
	__u32 count = thread->row_count;

	for (__u32 row = 1; row < SECTION_ROWS && row < count; row++) {
		if (thread->calls[row] == call)
			return row;
	}
	if (count >= SECTION_ROWS - 1) {
		thread->calls[SECTION_ROWS - 1] = SECTION_CALL_OTHER;
		thread->row_count = SECTION_ROWS;
		return SECTION_ROWS - 1;
	}
	thread->calls[count & (SECTION_ROWS - 1)] = call;
	thread->row_count = count + 1;
	return count;
}

#endif
