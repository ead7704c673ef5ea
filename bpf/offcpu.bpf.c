/* bpf/offcpu.bpf.c - time for which tasks were blocked, where, and who woke them
 *
 * A task is blocked from the time at which it left its CPU to sleep until another task or an
 * interrupt wakes it; then it waits for a CPU. Long times are recorded one by one, shorter ones are
 * added up by task, stacks and waker.
 */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/choice.bpf.h"
#include "bpf/copy_limit.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/interrupt.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/stack.bpf.h"
#include "bpf/sums.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/task_state.bpf.h"
#include "bpf/user_stack.bpf.h"

#define OFFCPU_STATE_DEAD 0x80u /* TASK_DEAD of the kernel */

extern struct ring_map sched_ring SEC(".maps");

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct bpf_iter__task___offcpu {
	struct task_struct *task;
};

#pragma clang attribute pop

/* Set by user space before it reads the iterator. 1: the recording ends. */
volatile __u64 offcpu_ends;

/* A task that is blocked; since_ns is 0 while it is not. */
struct offcpu_wait {
	__u64 since_ns;
	__u64 user_stack;
	__u32 state;
	__u32 began; /* 1: since before the recording */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct offcpu_wait);
} offcpu_waits SEC(".maps");

struct sum_cell_map offcpu_cells SEC(".maps");
struct sum_mark_map offcpu_marks SEC(".maps");

SUM_FIND(offcpu_find_cell, offcpu_cells, sched_settings.offcpu_cells)

/* Adds the time to a cell. Returns whether it is there. */
static __noinline int offcpu_add(struct scratch_slot *slot, struct task_struct *task)
{
	struct event_offcpu *out = &slot->offcpu, *sum;
	struct sum_cell *cell;
	__u64 key = sum_mix(sum_mix_task(task), (__u64)out->waker.tid << 32 | out->state);

	/* A stack that was copied belongs to one event. */
	if (!sum_is_possible(out->user_stack))
		out->user_stack = USER_STACK_NONE;
	key = sum_mix_frames(sum_mix(key, out->user_stack), (void *)&slot->bytes[sizeof(*out)],
			     out->header.kernel_frame_count) |
	      1;
	cell = offcpu_find_cell(key);
	if (!cell)
		return false;
	if (!cell->key)
		return sum_fill(cell, key, &out->header,
				sizeof(*out) + 8 * (__u64)out->header.kernel_frame_count);
	sum = (struct event_offcpu *)cell->record;
	sum->header.time_ns = out->header.time_ns;
	sum->blocked_ns += out->blocked_ns;
	sum->count++;
	return true;
}

/* Fills in what there is of a time that ends now. */
static __noinline int offcpu_fill(struct scratch_slot *slot, struct task_struct *task,
				  const struct offcpu_wait *wait, __u64 now_ns)
{
	struct event_offcpu *out = &slot->offcpu;
	struct task_struct *plain = task_plain(task);
	long size;

	__builtin_memset(out, 0, sizeof(*out));
	out->header.time_ns = now_ns;
	out->header.cpu = bpf_get_smp_processor_id();
	out->header.kind = EVENT_OFFCPU;
	if (!plain)
		return false;
	task_fill(&out->task, plain);
	cgroup_fill(&out->task, plain, &sched_ring, EVENT_RUNQ);
	out->user_stack = out->last_stack = wait->user_stack;
	out->first_ns = wait->since_ns;
	out->blocked_ns = now_ns - wait->since_ns;
	out->count = 1;
	out->state = wait->state;
	out->began = wait->began;
	size = bpf_get_task_stack(task, &slot->bytes[sizeof(*out)], STACK_BYTES_MAX, 0);
	if (size > 0 && size <= STACK_BYTES_MAX)
		out->header.kernel_frame_count = (__u8)((__u64)size / 8);
	return true;
}

static __always_inline void offcpu_output(struct scratch_slot *slot)
{
	__u64 frames = slot->offcpu.header.kernel_frame_count;

	/* As the verifier does not know. */
	if (frames > EVENT_KERNEL_FRAMES_MAX)
		frames = EVENT_KERNEL_FRAMES_MAX;
	ring_output(&sched_ring, &slot->offcpu.header, sizeof(slot->offcpu) + 8 * frames);
}

struct copy_count_map offcpu_copies SEC(".maps");

/* Walks the stack of the running task, or copies it if there were not too many copies. */
static __always_inline __u64 offcpu_user_stack(void)
{
	struct user_stack_slot *slot;
	__u64 id = user_stack_begin(bpf_get_current_task_btf(), USER_STACK_INTERRUPTS_OFF, &slot);

	if (!slot)
		return id;
	if (slot->is_chain || copy_limit_allows(&offcpu_copies, slot->record.header.time_ns))
		return user_stack_output(slot);
	user_stack_release(slot);
	loss_add(EVENT_USER_STACK, LOSS_LIMITED);
	return USER_STACK_LOST;
}

/* The stacks of who wakes: only for times that are recorded one by one. */
static __always_inline void offcpu_fill_waker(void *context, struct event_offcpu *out)
{
	long size = bpf_get_stack(context, out->waker_frames, sizeof(out->waker_frames), 0);

	if (size > 0 && size <= (long)sizeof(out->waker_frames))
		out->waker_frame_count = (__u32)((__u64)size / 8);
	out->waker_user_stack =
		user_stack_copy(bpf_get_current_task_btf(), USER_STACK_INTERRUPTS_OFF);
	if (out->waker_user_stack != USER_STACK_NONE)
		out->last_stack = out->waker_user_stack;
}

static __noinline int offcpu_wake(void *context, struct scratch_slot *slot,
				  struct task_struct *task, struct offcpu_wait *wait)
{
	struct event_offcpu *out = &slot->offcpu;
	__u64 now_ns = bpf_ktime_get_boot_ns();
	bool is_single;

	if (!offcpu_fill(slot, task, wait, now_ns))
		return false;
	out->interrupt = interrupt_is_handled();
	if (!out->interrupt)
		task_fill_peer(&out->waker, bpf_get_current_task_btf());
	is_single = out->blocked_ns >= sched_settings.offcpu_ns &&
		    choice_is_made(SCHED_CHOICE_OFFCPU, now_ns);
	if (!is_single && offcpu_add(slot, task))
		return true;
	if (is_single && !out->interrupt)
		offcpu_fill_waker(context, out);
	offcpu_output(slot);
	return true;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(offcpu_on_waking, struct task_struct *task)
{
	struct offcpu_wait *wait = bpf_task_storage_get(&offcpu_waits, task, NULL, 0);
	struct scratch_slot *slot;
	struct sum_mark *mark;

	if (!wait || !wait->since_ns)
		return 0;
	slot = scratch_acquire();
	mark = slot ? sum_begin(&offcpu_marks) : NULL;
	if (!mark || !offcpu_wake(ctx, slot, task, wait))
		loss_add(EVENT_OFFCPU, LOSS_NO_SCRATCH);
	wait->since_ns = 0;
	if (mark)
		sum_end(mark);
	if (slot)
		scratch_release(slot);
	return 0;
}

/* Behind the program for wake-ups, so that it is attached after it: a task that is seen to go to
 * sleep is then seen to wake. */
SEC("tp_btf/sched_switch")
int BPF_PROG(offcpu_on_switch, bool preempt, struct task_struct *previous, struct task_struct *next)
{
	struct offcpu_wait *wait;
	__u32 bits, state;

	/* Its wake-up was not seen. */
	wait = next->pid ? bpf_task_storage_get(&offcpu_waits, next, NULL, 0) : NULL;
	if (wait && wait->since_ns) {
		loss_add(EVENT_OFFCPU, LOSS_UNSEEN);
		wait->since_ns = 0;
	}
	bits = section_bits_of(previous);
	state = bits & SECTION_STATE_REASON;
	if (preempt || !(state | (bits & SECTION_STATE_WAKING)) || state & OFFCPU_STATE_DEAD ||
	    !previous->pid || !filter_task_passes(previous))
		return 0;
	/* Woken while it left its CPU, before it was known that it does. The kernel counts it. */
	if (state == 0) {
		loss_add(EVENT_OFFCPU, LOSS_UNSEEN);
		return 0;
	}
	wait = bpf_task_storage_get(&offcpu_waits, previous, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!wait) {
		loss_add(EVENT_OFFCPU, LOSS_NOT_FOLLOWED);
		return 0;
	}
	wait->state = state;
	wait->began = 0;
	wait->user_stack = offcpu_user_stack();
	wait->since_ns = bpf_ktime_get_boot_ns();
	return 0;
}

/* At the start it notes the tasks that are blocked already, at the end it records those that still
 * are. */
SEC("iter/task")
int offcpu_look(struct bpf_iter__task___offcpu *context)
{
	struct task_struct *task = context->task;
	struct offcpu_wait *wait;
	struct scratch_slot *slot;

	if (!task || !task->pid)
		return 0;
	if (!offcpu_ends) {
		__u32 state = section_state_of(task);

		if (state == 0 || state & OFFCPU_STATE_DEAD || section_is_on_cpu(task) ||
		    !filter_task_passes(task))
			return 0;
		wait = bpf_task_storage_get(&offcpu_waits, task, NULL,
					    BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (wait && !wait->since_ns) {
			wait->state = state;
			wait->began = 1;
			wait->user_stack = USER_STACK_NONE;
			wait->since_ns = bpf_ktime_get_boot_ns();
		}
		return 0;
	}
	wait = bpf_task_storage_get(&offcpu_waits, task, NULL, 0);
	if (!wait || !wait->since_ns)
		return 0;
	slot = scratch_acquire();
	if (slot && offcpu_fill(slot, task, wait, bpf_ktime_get_boot_ns())) {
		slot->offcpu.open = 1;
		offcpu_output(slot);
	} else {
		loss_add(EVENT_OFFCPU, LOSS_NO_SCRATCH);
	}
	wait->since_ns = 0;
	if (slot)
		scratch_release(slot);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
