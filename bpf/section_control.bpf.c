/* bpf/section_control.bpf.c - starts and stops sections of other threads, as a task iterator */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/core_fixes.bpf.h"
#include "bpf/event.h"
#include "bpf/section.bpf.h"
#include "bpf/section_start.bpf.h"
#include "bpf/section_state.bpf.h"
#include "bpf/task_state.bpf.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct bpf_iter__task {
	struct task_struct *task;
};

#pragma clang attribute pop

/* User space sets this before it reads the iterator; the result is here afterwards. */
struct section_command section_command;

static __always_inline void section_command_start(struct task_struct *task)
{
	struct section_thread *thread = section_thread_for_start(task);
	struct section_start_place start = {.source = SECTION_SOURCE_CONTROL,
					    .threshold_ns = section_command.threshold_ns};
	__u32 state = section_state_of(task);

	if (!thread || thread->depth || thread->busy)
		return;
	if (!section_is_on_cpu(task))
		start.off = (__u8)section_off_state(state);
	if (start.off == PHASE_STATE_BLOCKED || start.off == PHASE_STATE_UNINTERRUPTIBLE)
		start.call = core_is_compat_call(task) ? 0 : core_system_call(task) + 1;
	section_command.done += (__u32)thread_section_start(thread, &start);
}

/* The task is the thread that reads the iterator. */
static __always_inline void section_command_measure(struct task_struct *task)
{
	struct section_thread *thread =
		bpf_task_storage_get(&section_threads, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	struct section_start_place start = {.source = SECTION_SOURCE_MEASURED,
					    .threshold_ns = ~0ULL};

	if (!thread || thread->depth)
		return;
	section_command.done += (__u32)thread_section_start(thread, &start);
}

/* A running thread stops its section itself at its next event, at the latest its timer tick, also
 * one that was preempted while it was busy. For others that do not run this is done here. */
static __always_inline void section_command_stop(struct section_thread *thread)
{
	thread->request_ns = bpf_ktime_get_boot_ns();
	section_command.done++;
	if (__sync_val_compare_and_swap(&thread->request, SECTION_REQUEST_NONE,
					SECTION_REQUEST_ASKED) != SECTION_REQUEST_NONE ||
	    !thread->off || thread->busy)
		return;
	if (__sync_val_compare_and_swap(&thread->request, SECTION_REQUEST_ASKED,
					SECTION_REQUEST_TAKEN) == SECTION_REQUEST_ASKED)
		sections_end(thread, thread->request_ns, SECTION_END_STOPPED_BY_OTHER, 0);
}

/* Returns the state of a thread that is in a section, which can be busy, or NULL. */
static __always_inline struct section_thread *section_thread_with_sections(struct task_struct *task)
{
	struct section_thread *thread = section_thread_of(task);

	return thread && thread->depth ? thread : NULL;
}

static __always_inline void section_command_count(struct task_struct *task)
{
	struct section_thread *thread = section_thread_with_sections(task);

	if (!thread)
		return;
	section_command.found++;
	section_command.done += thread->depth;
}

SEC("iter/task")
int sect_order(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct section_thread *thread;

	if (!task)
		return 0;
	if (section_command.type == SECTION_COMMAND_COUNT) {
		section_command_count(task);
		return 0;
	}
	if (section_command.type != SECTION_COMMAND_STOP_ALL &&
	    filter_tid(task) != section_command.tid)
		return 0;
	section_command.found++;
	if (section_command.type == SECTION_COMMAND_START) {
		section_command_start(task);
		return 0;
	}
	if (section_command.type == SECTION_COMMAND_MEASURE) {
		section_command_measure(task);
		return 0;
	}
	thread = section_thread_with_sections(task);
	if (!thread)
		return 0;
	if (section_command.type == SECTION_COMMAND_STOP)
		section_command_stop(thread);
	else
		sections_end(thread, section_end_ns, SECTION_END_RECORDING_ENDED, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
