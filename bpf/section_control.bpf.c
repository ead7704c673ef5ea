/* bpf/section_control.bpf.c - starts and stops sections of threads from outside: reading the
 * iterator does it */
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

/* User space fills it in before it reads the iterator, and finds the answer here afterwards. */
struct run_command run_command;

static __always_inline void run_order_start(struct task_struct *task)
{
	struct run_thread *thread = run_thread_for_start(task);
	struct run_start start = {.source = RUN_SOURCE_CONTROL,
				  .threshold_ns = run_command.threshold_ns};
	__u32 state = run_state_of(task);

	if (!thread || thread->depth)
		return;
	if (!run_is_on_cpu(task))
		start.off = (__u8)run_off_condition(state);
	if (start.off == RUN_BLOCKED || start.off == RUN_BLOCKED_UNINTERRUPTIBLY)
		start.call = core_system_call(task) + 1;
	start.time_ns = bpf_ktime_get_boot_ns();
	run_command.done += (__u32)run_section_start(thread, &start);
}

/* Of the thread that reads the iterator. */
static __always_inline void run_order_measure(struct task_struct *task)
{
	struct run_thread *thread =
		bpf_task_storage_get(&run_threads, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	struct run_start start = {.source = RUN_SOURCE_MEASURED, .threshold_ns = ~0ULL};

	if (!thread || thread->depth)
		return;
	start.time_ns = bpf_ktime_get_boot_ns();
	run_command.done += (__u32)run_section_start(thread, &start);
}

/* A thread that runs does it by itself as soon as anything happens to it: its next timer tick at
 * the latest. Here it is done for one that does not run. */
static __always_inline void run_order_stop(struct run_thread *thread)
{
	thread->request_ns = bpf_ktime_get_boot_ns();
	run_command.done++;
	if (__sync_val_compare_and_swap(&thread->request, RUN_REQUEST_NONE, RUN_REQUEST_ASKED) !=
		    RUN_REQUEST_NONE ||
	    !thread->off)
		return;
	if (__sync_val_compare_and_swap(&thread->request, RUN_REQUEST_ASKED, RUN_REQUEST_TAKEN) ==
	    RUN_REQUEST_ASKED)
		run_sections_end(thread, thread->request_ns, RUN_END_STOPPED_BY_OTHER, 0);
}

SEC("iter/task")
int run_on_order(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct run_thread *thread;

	if (!task)
		return 0;
	if (run_command.order != RUN_ORDER_STOP_ALL && (__u32)task->pid != run_command.tid)
		return 0;
	run_command.found++;
	if (run_command.order == RUN_ORDER_START) {
		run_order_start(task);
		return 0;
	}
	if (run_command.order == RUN_ORDER_MEASURE) {
		run_order_measure(task);
		return 0;
	}
	thread = run_thread_in_section(task);
	if (!thread)
		return 0;
	if (run_command.order == RUN_ORDER_STOP)
		run_order_stop(thread);
	else
		run_sections_end(thread, bpf_ktime_get_boot_ns(), RUN_END_RECORDING_ENDED, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
