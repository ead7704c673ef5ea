/* bpf/task.bpf.h - the identity of a task and of its ancestors */
#ifndef BPF_TASK_BPF_H
#define BPF_TASK_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

/* Clears the bytes after the NUL: the kernel may leave the rest of an older, longer name there. */
static __always_inline void task_comm(char out[EVENT_COMM_BYTES], struct task_struct *task)
{
	__builtin_memset(out, 0, EVENT_COMM_BYTES);
	bpf_probe_read_kernel_str(out, EVENT_COMM_BYTES, &task->comm);
}

/* Returns the number of a struct pid in its own namespace, and that namespace. */
static __always_inline __u32 task_namespace_number(struct pid *pid, __u32 *ret_namespace)
{
	__u32 level = BPF_CORE_READ(pid, level);
	struct upid *numbers = (struct upid *)&pid->numbers;

	*ret_namespace = BPF_CORE_READ(&numbers[level], ns, ns.inum);
	return (__u32)BPF_CORE_READ(&numbers[level], nr);
}

/* Fills in everything but the control group. */
static __always_inline void task_fill(struct event_task *out, struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	__u32 ignored;

	__builtin_memset(out, 0, sizeof(*out));
	out->process_start_ns = BPF_CORE_READ(leader, start_boottime);
	out->start_ns = BPF_CORE_READ(task, start_boottime);
	out->pid = (__u32)BPF_CORE_READ(task, tgid);
	out->tid = (__u32)BPF_CORE_READ(task, pid);
	out->ns_tid = task_namespace_number(BPF_CORE_READ(task, thread_pid), &out->pid_namespace);
	out->ns_pid =
		task_namespace_number(BPF_CORE_READ(task, signal, pids[PIDTYPE_TGID]), &ignored);
	out->uid = BPF_CORE_READ(task, real_cred, uid.val);
	out->gid = BPF_CORE_READ(task, real_cred, gid.val);
	if (BPF_CORE_READ(task, flags) & PF_KTHREAD)
		out->flags = EVENT_TASK_KERNEL_THREAD;
	task_comm(out->comm, task);
	task_comm(out->process_comm, leader);
}

/* Writes the ancestors, the parent first, to `out`, which has space for EVENT_ANCESTORS_MAX, and
 * their count to the header. Returns their size in bytes. */
static __always_inline __u64 task_ancestors(struct task_struct *task, struct event_header *header,
					    struct event_ancestor *out)
{
	__u32 count = 0;

	for (; count < EVENT_ANCESTORS_MAX; count++) {
		struct task_struct *parent = BPF_CORE_READ(task, real_parent, group_leader);
		__u32 pid = (__u32)BPF_CORE_READ(parent, tgid);

		/* The idle task is its own parent. */
		if (!parent || pid == 0)
			break;
		out[count].pid = pid;
		out[count].uid = BPF_CORE_READ(parent, real_cred, uid.val);
		out[count].process_start_ns = BPF_CORE_READ(parent, start_boottime);
		task_comm(out[count].comm, parent);
		task = parent;
	}
	header->ancestor_count = (__u8)count;
	return count * sizeof(*out);
}

#endif
