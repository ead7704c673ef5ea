/* bpf/exit.bpf.c - exits of processes and threads */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/command_line.bpf.h"
#include "bpf/core_fixes.bpf.h"
#include "bpf/count.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/known_stack.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/stack.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/user_stack.bpf.h"

/* Threads that ended before the last one are reaped at once. So few are left to add up: the leader,
 * those that are exiting now, and those that are being debugged. */
#define EXIT_UNREAPED_THREADS_MAX 64

/* Of task_struct::flags: forked, and did not execute a program. */
#define PF_FORKNOEXEC 0x40

struct exit_identity {
	__u64 process_start_ns;
	__u64 pid;
};

/* Processes of several threads whose exit has been reported; see exit_ends_process(). */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct exit_identity);
	__type(value, __u8);
} ended_processes SEC(".maps");

/* Whether the process ends with this thread. Each exiting thread first decrements signal->live and
 * then reaches the tracepoint, so several threads can see 0 there. The first of them counts. If
 * this is the only thread left, another one may have counted and be gone. */
static __always_inline bool exit_ends_process(struct task_struct *task)
{
	struct exit_identity identity = {
		.process_start_ns = task->group_leader->start_boottime,
		.pid = (__u64)task->tgid,
	};
	__u8 ended = 1;

	if (task->signal->live.counter != 0)
		return false;
	if (task->signal->nr_threads > 1)
		return bpf_map_update_elem(&ended_processes, &identity, &ended, BPF_NOEXIST) == 0;
	return bpf_map_lookup_elem(&ended_processes, &identity) == NULL;
}

/* The status that wait4() would return. */
static __always_inline __u16 exit_status(struct task_struct *task, bool thread)
{
	if (thread)
		return (__u16)task->exit_code;
	if (task->signal->flags & SIGNAL_GROUP_EXIT)
		return (__u16)task->signal->group_exit_code;
	return (__u16)task->group_leader->exit_code;
}

static __always_inline void exit_add_usage(struct event_exit *out, struct task_struct *task)
{
	out->user_time_ns += task->utime;
	out->system_time_ns += task->stime;
	out->run_time_ns += task->se.sum_exec_runtime;
	out->minor_faults += task->min_flt;
	out->major_faults += task->maj_flt;
}

/* The same for a thread from a list, whose type the verifier does not know: its address. Always
 * returns 0. Neither inlined nor static, so that the verifier checks it once. */
__noinline int exit_add_listed_usage(struct event_exit *out, __u64 address)
{
	struct task_struct *task = (struct task_struct *)address;

	if (!out)
		return 0;
	out->user_time_ns += BPF_CORE_READ(task, utime);
	out->system_time_ns += BPF_CORE_READ(task, stime);
	out->run_time_ns += BPF_CORE_READ(task, se.sum_exec_runtime);
	out->minor_faults += BPF_CORE_READ(task, min_flt);
	out->major_faults += BPF_CORE_READ(task, maj_flt);
	return 0;
}

static __always_inline void exit_add_reaped_usage(struct event_exit *out,
						  struct signal_struct *signal)
{
	out->user_time_ns = signal->utime;
	out->system_time_ns = signal->stime;
	out->run_time_ns = signal->sum_sched_runtime;
	out->minor_faults = signal->min_flt;
	out->major_faults = signal->maj_flt;
}

/* Adds the threads that are not reaped. Always returns 0. Neither inlined nor static, so that the
 * verifier checks it once. */
__noinline int exit_add_listed_threads(struct event_exit *out)
{
	struct task_struct *task = task_current();
	__u64 end, node;

	if (!out || !task)
		return 0;
	end = (__u64)&task->signal->thread_head;
	node = (__u64)BPF_CORE_READ(task, signal, thread_head.next);
	for (int i = 0; i < EXIT_UNREAPED_THREADS_MAX && node && node != end; i++) {
		exit_add_listed_usage(
			out, node - bpf_core_field_offset(struct task_struct, thread_node));
		node = (__u64)BPF_CORE_READ((struct list_head *)node, next);
	}
	return 0;
}

/* Reaped threads are summed up in signal_struct; the others are in a list. exit_add_usage() is used
 * once: of two copies, the compiler shares the end, which the verifier refuses for pointers of
 * different types. */
static __always_inline void exit_add_all_usage(struct event_exit *out, struct task_struct *task,
					       bool thread)
{
	struct signal_struct *signal = task->signal;

	if (!thread)
		exit_add_reaped_usage(out, signal);
	if (thread || signal->nr_threads == 1)
		exit_add_usage(out, task);
	else
		exit_add_listed_threads(out);
}

static __always_inline void exit_fill(struct event_exit *out, struct task_struct *task, bool thread)
{
	__builtin_memset(out, 0, sizeof(*out));
	out->header.time_ns = bpf_ktime_get_boot_ns();
	out->header.cpu = bpf_get_smp_processor_id();
	out->header.kind = EVENT_EXIT;
	cgroup_fill_current(&out->task, true);
	if (core_is_compat(bpf_get_current_task_btf()))
		out->task.flags |= EVENT_TASK_COMPAT;
	exit_add_all_usage(out, task, thread);
	out->max_rss_pages = task->signal->maxrss;
	out->status = exit_status(task, thread);
	out->thread = thread;
	/* Every thread starts with the flag. After an exec, the thread that did it is the leader.
	 */
	out->never_executed = (BPF_CORE_READ(task, group_leader, flags) & PF_FORKNOEXEC) != 0;
	out->system_call = core_system_call(bpf_get_current_task_btf());
}

/* A thread that a signal ends can be anywhere. The system call may not even have begun, if a
 * seccomp filter ends the thread. */
static __always_inline __u32 exit_known_stack(const struct event_exit *out,
					      struct task_struct *task)
{
	if ((task->exit_code & 0x7f) || core_is_compat_call(task))
		return KNOWN_STACK_NONE;
	if (out->system_call == SYSTEM_CALL_EXIT_GROUP)
		return KNOWN_STACK_EXIT_GROUP;
	return out->system_call == SYSTEM_CALL_EXIT ? KNOWN_STACK_EXIT : KNOWN_STACK_NONE;
}

static __always_inline bool exit_is_wanted(struct task_struct *task, bool thread)
{
	if (thread && !filter.threads)
		return false;
	if (filter.failed && exit_status(task, thread) == 0)
		return false;
	return filter_task_passes(task);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_process_exit, struct task_struct *exiting)
{
	struct task_struct *task = task_plain(exiting);
	struct event_end_thread end_thread = {.tid = 0};
	__u64 size = sizeof(struct event_exit);
	struct scratch_slot *slot;
	struct ring_payer payer;
	__u64 user_stack;
	bool ends;

	if (!task) {
		loss_add(EVENT_EXIT, LOSS_NO_SCRATCH);
		return 0;
	}
	ends = kernel_traits.exit_has_group_dead ? (bool)ctx[1] : exit_ends_process(task);
	/* Keeps the stack of a thread that ends its process: the last thread exits later. */
	if (!ends && core_memory_outlives_exit() && core_is_in_exit_group() &&
	    exit_is_wanted(task, false))
		user_stack_copy_for_exit_group(task);
	if (!exit_is_wanted(task, !ends)) {
		if (ends || filter.threads)
			count_skipped(COUNT_SKIPPED_EXIT, task);
		return 0;
	}
	if (ends) {
		count_exit(exit_status(task, false));
		command_line_send_for_exit();
	}
	user_stack = ends ? user_stack_of_process_end(task, &end_thread)
			  : user_stack_of_thread_end(task);
	slot = scratch_acquire();
	if (!slot) {
		loss_add(EVENT_EXIT, LOSS_NO_SCRATCH);
		return 0;
	}
	exit_fill(&slot->exit, task, !ends);
	slot->exit.user_stack = user_stack;
	slot->exit.end_thread = end_thread;
	size += task_ancestors(&slot->header, (void *)&slot->bytes[size]);
	slot->exit.known_stack = exit_known_stack(&slot->exit, task);
	size += known_stack_write(ctx, &slot->header, &slot->bytes[size], &slot->exit.known_stack);
	payer = ring_payer(&slot->exit.task, EVENT_EXIT, slot->exit.status != 0);
	if (ring_output_of(&exit_ring, &slot->header, size, &payer, false) &&
	    slot->header.kernel_frame_count)
		known_stack_sent(slot->exit.known_stack);
	scratch_release(slot);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
