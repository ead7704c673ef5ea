/* bpf/task.bpf.h - the identity of a task and of its ancestors
 *
 * All functions read the task through a pointer whose type the verifier knows, such as an argument
 * of a tp_btf program or a pointer read from one. Reading each field with bpf_probe_read_kernel()
 * would cost more than the rest of an event.
 */
#ifndef BPF_TASK_BPF_H
#define BPF_TASK_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/core_fixes.bpf.h"
#include "bpf/event.h"

#define TASK_COMM_ONES  0x0101010101010101ull
#define TASK_COMM_TOPS  0x8080808080808080ull
#define TASK_COMM_FINAL 0x00ffffffffffffffull /* the last byte of a name is a NUL */

/* Returns the top bit of the first byte of a little-endian word that is 0; 0 if none is. */
static __always_inline __u64 task_first_nul(__u64 word)
{
	__u64 tops = (word - TASK_COMM_ONES) & ~word & TASK_COMM_TOPS;

	return tops & -tops;
}

/* Copies the name. Clears the bytes after the NUL: the kernel may leave the rest of an older,
 * longer name there. `out` is aligned to 8 bytes. */
static __always_inline void task_comm(char out[EVENT_COMM_BYTES], struct task_struct *task)
{
	__u64 first = *(__u64 *)task->comm, second = *(__u64 *)&task->comm[8];
	__u64 nul = task_first_nul(first);
	__u64 ends_in_first = (nul | -nul) >> 63;

	/* No branches: the verifier follows both sides of each, for each of 16 ancestors. */
	barrier_var(ends_in_first);
	((__u64 *)out)[0] = first & ((nul >> 7) - 1);
	nul = task_first_nul(second);
	((__u64 *)out)[1] = second & ((nul >> 7) - 1) & TASK_COMM_FINAL & (ends_in_first - 1);
}

/* Returns the number of a struct pid in its own namespace, and that namespace. */
static __always_inline __u32 task_namespace_number(struct pid *pid, __u32 *ret_namespace)
{
	__u32 level = pid->level;
	struct upid *numbers = (struct upid *)&pid->numbers;

	if (level == 0) {
		*ret_namespace = pid->numbers[0].ns->ns.inum;
		return (__u32)pid->numbers[0].nr;
	}
	*ret_namespace = BPF_CORE_READ(&numbers[level], ns, ns.inum);
	return (__u32)BPF_CORE_READ(&numbers[level], nr);
}

/* Fills in everything but the control group. */
static __always_inline void task_fill(struct event_task *out, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;
	const struct cred *owner = task->real_cred;
	struct pid *number = task->thread_pid;
	struct pid *process_number = task->signal->pids[PIDTYPE_TGID];
	__u32 ignored;

	/* Pointers are loaded before the first branch; see task_count_ancestors(). */
	__builtin_memset(out, 0, sizeof(*out));
	out->process_start_ns = leader->start_boottime;
	out->start_ns = task->start_boottime;
	out->pid = (__u32)task->tgid;
	out->tid = (__u32)task->pid;
	out->ns_tid = task_namespace_number(number, &out->pid_namespace);
	out->ns_pid = task_namespace_number(process_number, &ignored);
	out->uid = owner->uid.val;
	out->gid = owner->gid.val;
	if (task->flags & PF_KTHREAD)
		out->flags = EVENT_TASK_KERNEL_THREAD;
	task_comm(out->comm, task);
	task_comm(out->process_comm, leader);
}

/* Also for a pointer that the verifier does not trust. */
static __always_inline void task_fill_peer(struct event_peer *out, struct task_struct *task)
{
	out->process_start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	out->start_ns = BPF_CORE_READ(task, start_boottime);
	out->pid = (__u32)BPF_CORE_READ(task, tgid);
	out->tid = (__u32)BPF_CORE_READ(task, pid);
	/* The same name has the same bytes: steps are compared. */
	__builtin_memset(out->comm, 0, sizeof(out->comm));
	bpf_probe_read_kernel_str(out->comm, sizeof(out->comm), &task->comm);
	out->reserved = 0;
}

/* The same for a pointer that the verifier trusts. */
static __always_inline void task_fill_known_peer(struct event_peer *out, struct task_struct *task)
{
	out->process_start_ns = task->group_leader->start_boottime;
	out->start_ns = task->start_boottime;
	out->pid = (__u32)task->tgid;
	out->tid = (__u32)task->pid;
	task_comm(out->comm, task);
	out->reserved = 0;
}

/* A pointer that comes from here is one that the verifier does not trust. Without the const,
 * clang-14 drops the tag. */
struct task_place {
	const struct task_struct __attribute__((btf_type_tag("kptr_untrusted"))) * task;
};

struct task_place_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct task_place);
};

extern struct task_place_map task_places SEC(".maps");

/* Returns `task` as a pointer that the verifier does not trust. For each pointer that a program
 * loads through a trusted one, the verifier searches all types of the kernel four times, which
 * takes a millisecond. Returns NULL if another program used the place in between. Helpers need the
 * trusted pointer. */
static __always_inline struct task_struct *task_plain(struct task_struct *task)
{
	struct task_struct *plain, *same;
	struct task_place *place;
	__u32 zero = 0;

	if (!kernel_traits.has_trusted_pointers)
		return task;
	place = bpf_map_lookup_elem(&task_places, &zero);
	if (!place)
		return NULL;
	*(struct task_struct *volatile *)(void *)&place->task = task;
	plain = same = *(struct task_struct *volatile *)(void *)&place->task;
	/* The compiler would return `task`, which is equal. */
	barrier_var(plain);
	return plain && same == task ? plain : NULL;
}

static __always_inline struct task_struct *task_current(void)
{
	return task_plain(bpf_get_current_task_btf());
}

struct task_ancestor_list {
	struct event_ancestor ancestors[EVENT_ANCESTORS_MAX];
};

/* Writes the ancestors of the running task, the parent first. Returns their count. Neither inlined
 * nor static, so that the verifier checks it once (shared.bpf.c). */
int task_count_ancestors(struct task_ancestor_list *out);

/* Writes the ancestors of the running task to `out`, which has space for EVENT_ANCESTORS_MAX, and
 * their count to the header. Returns their size in bytes. */
static __always_inline __u64 task_ancestors(struct event_header *header, struct event_ancestor *out)
{
	__u32 count = (__u32)task_count_ancestors((struct task_ancestor_list *)out);

	if (count > EVENT_ANCESTORS_MAX)
		count = EVENT_ANCESTORS_MAX;
	header->ancestor_count = (__u8)count;
	return count * sizeof(*out);
}

#endif
