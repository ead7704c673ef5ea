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
#include "bpf/own_stack.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/user_stack.bpf.h"

/* Set before load. */
const volatile struct filter filter;
const volatile struct kernel_traits kernel_traits;
const volatile struct user_stack_settings user_stack_settings;
const volatile struct command_line_settings command_line_settings;

const volatile __u32 own_stack_never;

/* The group of filter.cgroup_tree; user space changes it when the group is made anew. */
volatile __u64 filter_cgroup_id;

/* User space starts a new epoch each time it has saved the losses. */
volatile __u64 loss_epoch;

/* Set with each loss. User space clears it before it saves the losses. */
volatile __u32 loss_is_new;

volatile __u32 ring_reader_is_idle;
const volatile __u32 ring_group_mask;

struct scratch_map scratches SEC(".maps");
struct task_place_map task_places SEC(".maps");
struct loss_map losses SEC(".maps");
struct count_map counts SEC(".maps");
struct cgroup_map known_cgroups SEC(".maps");
struct cgroup_recent_map recent_cgroups SEC(".maps");
struct followed_map followed SEC(".maps");
struct known_stack_map known_stack_events SEC(".maps");
struct command_line_map known_command_lines SEC(".maps");
struct ring_map user_stack_ring SEC(".maps");
struct ring_share_map ring_shares SEC(".maps");
struct user_stack_slot_map user_stack_slots SEC(".maps");
struct user_stack_end_map user_stack_ends SEC(".maps");
struct ring_map signal_ring SEC(".maps");
struct ring_map exit_ring SEC(".maps");

/* By a record that is discarded at once. If there is no space for it, or another program of this
 * CPU holds the lock of the ring, the next event or loss tries again. */
__noinline int ring_wake_reader(void)
{
	void *ring = ring_of_cpu(&exit_ring);
	void *record;

	if (!ring)
		ring = ring_of_cpu(&signal_ring);
	/* Samples alone have neither. */
	if (!ring)
		ring = ring_of_cpu(&user_stack_ring);
	record = ring ? bpf_ringbuf_reserve(ring, sizeof(__u64), 0) : NULL;
	if (!record)
		return 0;
	ring_reader_is_idle = 0;
	bpf_ringbuf_discard(record, BPF_RB_FORCE_WAKEUP);
	return 0;
}

__noinline int count_add(__u32 what)
{
	__u64 *count = bpf_map_lookup_elem(&counts, &what);

	/* An interrupt can count in between. */
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

__noinline int ring_share_take(__u64 owner, __u32 ring, __u64 size, __u64 limit, __u64 halves_read)
{
	struct ring_share_key key = {.owner = owner, .ring = ring};
	struct ring_share *share = bpf_map_lookup_elem(&ring_shares, &key);
	struct ring_share first = {.halves_read = halves_read, .bytes = size};
	__u64 halves;

	if (!share) {
		bpf_map_update_elem(&ring_shares, &key, &first, BPF_NOEXIST);
		return true;
	}
	/* Two CPUs can halve it at once: only the part of the share that is left differs. This one
	 * can have looked earlier. */
	halves = halves_read - share->halves_read;
	if ((__s64)halves > 0) {
		share->halves_read = halves_read;
		share->bytes = halves < 64 ? share->bytes >> halves : 0;
	}
	if (share->bytes > limit)
		return false;
	__sync_fetch_and_add(&share->bytes, size);
	return true;
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
	struct task_struct *task = task_current();

	if (!out || !task)
		return 0;
	task_fill(out, task);
	if (for_exit)
		cgroup_fill(out, task, &exit_ring, EVENT_EXIT);
	else
		cgroup_fill(out, task, &signal_ring, EVENT_SIGNAL);
	return 0;
}

/* Returns the number of a process in its own pid namespace; 0 in the initial one. */
static __always_inline __u32 task_inner_number(struct task_struct *leader)
{
	struct pid *pid = BPF_CORE_READ(leader, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	struct upid *numbers = (struct upid *)&pid->numbers;

	return level ? (__u32)BPF_CORE_READ(&numbers[level], nr) : 0;
}

/* Adds the number of each ancestor in its own pid namespace. Always returns 0. Neither inlined nor
 * static, and apart from the loop over all ancestors: the verifier follows each of its rounds for
 * both cases. */
__noinline int task_number_ancestors(struct task_ancestor_list *out, __u32 count)
{
	struct task_struct *parent = task_current();

	if (!out || !parent)
		return 0;
	for (__u32 i = 0; i < EVENT_ANCESTORS_MAX && i < count; i++) {
		parent = parent->real_parent->group_leader;
		/* Its own parent may have ended meanwhile. */
		if (out->ancestors[i].pid != (__u32)parent->tgid)
			break;
		out->ancestors[i].ns_pid = task_inner_number(parent);
	}
	return 0;
}

__noinline int task_count_ancestors(struct task_ancestor_list *out)
{
	struct task_struct *parent = task_current();
	bool is_inside; /* of a pid namespace below the initial one */
	int count;

	if (!out || !parent)
		return 0;
	is_inside = parent->thread_pid->level != 0;
	for (count = 0; count < EVENT_ANCESTORS_MAX; count++) {
		struct event_ancestor *ancestor = &out->ancestors[count];

		parent = parent->real_parent->group_leader;
		ancestor->pid = (__u32)parent->tgid;
		/* The idle task is its own parent. */
		if (ancestor->pid == 0)
			break;
		ancestor->uid = parent->real_cred->uid.val;
		ancestor->process_start_ns = parent->start_boottime;
		task_comm(ancestor->comm, parent);
		ancestor->ns_pid = ancestor->reserved = 0;
	}
	if (is_inside)
		task_number_ancestors(out, (__u32)count);
	return count;
}

char LICENSE[] SEC("license") = "GPL";
