/* bpf/shared.bpf.c - maps and settings that all programs share */
#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/command_line.bpf.h"
#include "bpf/count.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/known_stack.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/user_stack.bpf.h"

/* Set before load. */
const volatile struct filter filter;
const volatile struct kernel_traits kernel_traits;
const volatile struct user_stack_settings user_stack_settings;
const volatile struct command_line_settings command_line_settings;

/* The group of filter.cgroup_tree; user space changes it when the group is made anew. */
volatile __u64 filter_cgroup_id;

/* User space starts a new epoch each time it has saved the losses. */
volatile __u64 loss_epoch;

struct scratch_map scratches SEC(".maps");
struct loss_map losses SEC(".maps");
struct count_map counts SEC(".maps");
struct cgroup_map known_cgroups SEC(".maps");
struct followed_map followed SEC(".maps");
struct known_stack_map known_stack_events SEC(".maps");
struct command_line_map known_command_lines SEC(".maps");
struct ring_map user_stack_ring SEC(".maps");
struct user_stack_slot_map user_stack_slots SEC(".maps");
struct user_stack_end_map user_stack_ends SEC(".maps");
struct ring_map signal_ring SEC(".maps");
struct ring_map exit_ring SEC(".maps");

__noinline int count_add(__u32 what)
{
	__u64 *count = bpf_map_lookup_elem(&counts, &what);

	/* An interrupt can count in between. */
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

/* SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS */
#define COUNT_CRASH_SIGNALS (1u << 4 | 1u << 5 | 1u << 6 | 1u << 7 | 1u << 8 | 1u << 11 | 1u << 31)

__noinline int count_exit(__u32 status)
{
	__u32 signal = status & 0x7f;

	if (!signal)
		return 0;
	return count_add(signal < 32 && COUNT_CRASH_SIGNALS >> signal & 1 ? COUNT_CRASHED
									  : COUNT_KILLED);
}

__noinline int cgroup_collect_names(__u64 address, struct event_cgroup *record)
{
	struct kernfs_node *node = (struct kernfs_node *)address;
	__u32 used = 0;

	if (!record)
		return 0;
	for (int depth = 0; depth < CGROUP_DEPTH_MAX; depth++) {
		struct kernfs_node *parent = core_kernfs_parent(node);
		long size;

		if (!parent)
			break;
		if (used > EVENT_CGROUP_NAMES_MAX - CGROUP_NAME_BYTES) {
			record->is_truncated = 1;
			break;
		}
		size = bpf_probe_read_kernel_str(&record->names[used], CGROUP_NAME_BYTES,
						 BPF_CORE_READ(node, name));
		if (size <= 0 || size > CGROUP_NAME_BYTES)
			break;
		used += (__u32)size;
		node = parent;
	}
	record->names_bytes = (__u16)used;
	return 0;
}

__noinline int cgroup_fill_current(struct event_task *out, __u32 for_exit)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (!out)
		return 0;
	task_fill(out, task);
	if (for_exit)
		cgroup_fill(out, task, &exit_ring, EVENT_EXIT);
	else
		cgroup_fill(out, task, &signal_ring, EVENT_SIGNAL);
	return 0;
}

/* State of a walk to the ancestors of a task. */
struct task_walk {
	struct task_struct *task;
	struct event_ancestor *out; /* EVENT_ANCESTORS_MAX of them */
	__u32 count;
	__u32 is_inside; /* 1: the task is in a pid namespace inside of the initial one */
};

/* Returns the number of a process in its own pid namespace; 0 in the initial one. */
static __always_inline __u32 task_inner_number(struct task_struct *leader)
{
	struct pid *pid = BPF_CORE_READ(leader, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	struct upid *numbers = (struct upid *)&pid->numbers;

	return level ? (__u32)BPF_CORE_READ(&numbers[level], nr) : 0;
}

/* Writes the next ancestor. Returns 1 after the last one. */
static long task_next_ancestor(__u32 index, void *context)
{
	struct task_walk *walk = context;
	struct task_struct *parent = walk->task->real_parent->group_leader;
	__u32 pid = (__u32)parent->tgid;
	struct event_ancestor *out = &walk->out[index & (EVENT_ANCESTORS_MAX - 1)];

	/* The idle task is its own parent. */
	if (pid == 0)
		return 1;
	out->pid = pid;
	out->uid = parent->real_cred->uid.val;
	out->process_start_ns = parent->start_boottime;
	task_comm(out->comm, parent);
	out->ns_pid = walk->is_inside ? task_inner_number(parent) : 0;
	out->reserved = 0;
	walk->task = parent;
	walk->count = index + 1;
	return 0;
}

__noinline int task_count_ancestors(struct task_ancestor_list *out)
{
	struct task_walk walk = {.task = bpf_get_current_task_btf()};

	if (!out)
		return 0;
	walk.out = out->ancestors;
	walk.is_inside = walk.task->thread_pid->level != 0;
	bpf_loop(EVENT_ANCESTORS_MAX, task_next_ancestor, &walk, 0);
	return (int)walk.count;
}

char LICENSE[] SEC("license") = "GPL";
