/* bpf/filter.bpf.h - filters; an event that does not pass costs only these checks */
#ifndef BPF_FILTER_BPF_H
#define BPF_FILTER_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/event.h"
#include "bpf/task.bpf.h"

#define FILTER_SEARCH_STEPS 8 /* 2^7 ranges, and one step for the last one */

_Static_assert(FILTER_RANGES_MAX <= 1 << (FILTER_SEARCH_STEPS - 1), "the search ends too early");

extern const volatile struct filter filter;
extern volatile __u64 filter_cgroup_id;

/* Followed processes, as their ancestor is followed: process id to start time; 0: start time
 * unknown. */
struct followed_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u64);
};

extern struct followed_map followed SEC(".maps");

static __noinline int filter_ranges_pass(const volatile struct filter_ranges *list, __u32 id)
{
	__u32 low = 0, high = list->count;

	if (high == 0)
		return true;
	for (int step = 0; step < FILTER_SEARCH_STEPS; step++) {
		__u32 middle = (low + high) / 2;

		if (low >= high || middle >= FILTER_RANGES_MAX)
			return false;
		if (id < list->ranges[middle].first)
			high = middle;
		else if (id > list->ranges[middle].last)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

static __always_inline bool filter_same_comm(const volatile char *name, const char *comm)
{
	const volatile __u64 *left = (const volatile __u64 *)name;
	const __u64 *right = (const __u64 *)comm;

	return left[0] == right[0] && left[1] == right[1];
}

/*
 * Whether a name matches pattern `i`. Bit j of `states`: the bytes so far match the first j bytes
 * of the pattern. All positions are tried at once and without branches, so that the verifier
 * follows one path: a branch would double the paths with each byte. Unrolled loops would need more
 * stack than the deepest caller leaves.
 */
static __noinline int filter_pattern_matches(const volatile struct filter_names *list, __u32 i,
					     const char *name)
{
	__u64 index = i & (FILTER_NAMES_MAX - 1);
	__u32 stars = list->stars[index], any = list->any[index];
	__u32 states = 1 | ((1 & stars) << 1);

#pragma clang loop unroll(disable)
	for (__u32 at = 0; at < EVENT_COMM_BYTES - 1; at++) {
		__u32 byte = (__u8)name[at], same = 0;

		if (byte == 0)
			break;
#pragma clang loop unroll(disable)
		for (__u32 j = 0; j < EVENT_COMM_BYTES - 1; j++) {
			__u32 differs = (__u8)list->names[index][j] ^ byte;

			same |= (differs - 1) >> 31 << j;
		}
		states = ((states & (same | any) & ~stars) << 1) | (states & stars);
		states |= (states & stars) << 1;
	}
	return states >> (list->lengths[index] & (EVENT_COMM_BYTES - 1)) & 1;
}

/* A thread passes by its own name or that of its process. */
static __noinline int filter_names_pass(const volatile struct filter_names *list,
					struct task_struct *task)
{
	__u64 own[2], leaders[2];

	task_comm((char *)own, task);
	task_comm((char *)leaders, task->group_leader);
	for (__u32 i = 0; i < FILTER_NAMES_MAX && i < list->count; i++) {
		/* Without patterns the verifier knows that, and leaves this out. */
		if (list->patterns && list->patterns >> i & 1 &&
		    (filter_pattern_matches(list, i, (const char *)own) ||
		     filter_pattern_matches(list, i, (const char *)leaders)))
			return true;
		if (filter_same_comm(list->names[i], (const char *)own) ||
		    filter_same_comm(list->names[i], (const char *)leaders))
			return true;
	}
	return false;
}

#define FILTER_NAMESPACE_LEVELS 32 /* MAX_PID_NS_LEVEL of the kernel */

/* Returns the number of a struct pid in the namespace of diag-record; 0: it has none there. */
static __noinline __u32 filter_number(struct pid *pid)
{
	struct upid *numbers = (struct upid *)&pid->numbers;
	__u32 last = pid ? BPF_CORE_READ(pid, level) : 0;

	for (__u32 level = 0; pid && level <= FILTER_NAMESPACE_LEVELS && level <= last; level++) {
		if (BPF_CORE_READ(&numbers[level], ns, ns.inum) == filter.pid_namespace)
			return (__u32)BPF_CORE_READ(&numbers[level], nr);
	}
	return 0;
}

/* Return the IDs of a task as diag-record and its caller see them. */
static __always_inline __u32 filter_tgid(struct task_struct *task)
{
	if (filter.pid_namespace)
		return filter_number(task->signal->pids[PIDTYPE_TGID]);
	return (__u32)task->tgid;
}

static __always_inline __u32 filter_tid(struct task_struct *task)
{
	if (filter.pid_namespace)
		return filter_number(task->thread_pid);
	return (__u32)task->pid;
}

static __always_inline bool filter_is_followed(struct task_struct *task)
{
	__u32 pid = (__u32)task->tgid;
	__u64 *start_ns = bpf_map_lookup_elem(&followed, &pid);

	if (!start_ns)
		return filter.pid_namespace && filter.command &&
		       filter_tgid(task) == filter.command;
	return *start_ns == 0 || *start_ns == task->group_leader->start_boottime;
}

/* Whether it is diag-record, or the process that writes its file. */
static __always_inline bool filter_is_own(__u32 tgid)
{
	return tgid == filter.own_tgid || tgid == filter.writer_tgid;
}

/* Whether events of this task on this CPU are recorded. diag-record itself never is. */
static __always_inline bool filter_task_passes(struct task_struct *task)
{
	__u32 pid = filter_tgid(task);

	if (filter_is_own(pid))
		return false;
	if (filter.cpus.count && !filter_ranges_pass(&filter.cpus, bpf_get_smp_processor_id()))
		return false;
	if (filter.tgids.count && !filter_ranges_pass(&filter.tgids, pid))
		return false;
	if (filter.tids.count && !filter_ranges_pass(&filter.tids, filter_tid(task)))
		return false;
	if (filter.uids.count && !filter_ranges_pass(&filter.uids, task->real_cred->uid.val))
		return false;
	if (filter.comms.count && !filter_names_pass(&filter.comms, task))
		return false;
	if (filter.cgroup_tree && !cgroup_is_within(task, filter.cgroup_tree, filter_cgroup_id))
		return false;
	return !filter.followed || filter_is_followed(task);
}

static __always_inline bool filter_chooses_senders(void)
{
	return filter.sender_tgids.count || filter.sender_comms.count;
}

static __always_inline bool filter_sender_passes(struct task_struct *sender)
{
	if (filter.sender_tgids.count &&
	    !filter_ranges_pass(&filter.sender_tgids, filter_tgid(sender)))
		return false;
	return !filter.sender_comms.count || filter_names_pass(&filter.sender_comms, sender);
}

static __always_inline bool filter_signal_passes(__u32 signal)
{
	return signal >= 1 && signal <= 64 && filter.signals >> (signal - 1) & 1;
}

#endif
