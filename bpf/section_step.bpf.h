/* bpf/section_step.bpf.h - writes steps into the slot of a thread
 *
 * The first step of an outermost section takes a slot from the pool. A slot has SECTION_SEGMENTS
 * segments. `head` is the place of the next step: how many segments were filled before this one,
 * the segment, and the bytes used in it (SECTION_HEAD). Segments are filled one after the other.
 * When all are full, the one whose longest time between two steps is the shortest is filled anew,
 * and its steps are dropped: the longest waits and calls of a section stay, whenever they were.
 * record/convert/step_reader.c reads what is written here.
 *
 * Stacks are in steps as numbers: those of kernel stacks in section_kernel_stacks, and ids of user
 * stacks that were walked. Only a stack that cannot be referred to is copied into its step, and the
 * kernel stack of a task that does not run, for which the kernel has no number.
 *
 * A step that differs from an earlier one of its segment only in time, sequence and duration
 * becomes one word, SECTION_REPEAT. The value of SWITCHED_IN is a part of its duration. The
 * duration is not stored: it is the time since the step that it began with, which must be in the
 * same segment. The first step of a segment is never a word. The index of the slot finds the
 * earlier step. An entry of it can be out of date: what it points to is compared.
 *
 * Example without user stacks: slot_bytes is 4096, so a segment has 512 bytes.
 *
 *	1. CALL_IN needs 48 + 48 bytes. It is at 0 of segment 0; 96 bytes are used.
 *	2. SWITCHED_OUT, whose kernel stack found no free number, reserves
 *	   48 + 48 + 48 * 8 = 480 bytes, before its frames are
 *	   counted. 96 + 480 is beyond 512: 8 bytes of SECTION_STEP_PADDING go to 96, the
 *	   step is at 0 of segment 1, which is at 512, and 480 bytes are used.
 *	3. It has 5 frames, so it uses 48 + 48 + 5 * 8 = 136 bytes. As head is still behind it,
 *	   head goes back to 136, and size_bytes becomes 136. If an interrupt had written a step
 *	   at 480, size_bytes would stay 480.
 *	4. CALL_OUT needs 48 bytes. It is at 136 of segment 1; 184 bytes are used.
 *	5. CALL_IN is at 184. CALL_OUT is at 280, and equal to the one at 136 but for time, sequence
 *	   and duration. So head goes back from 328 to 288, and at 280 is a word: it repeats the
 *	   step 18 words before it, and its duration began 12 words before it.
 *
 * A reader finds steps at 0, 512, 648, 696 and 792; at 96 the padding ends segment 0, and at 800,
 * which is head, it ends. Later all eight segments are full, and a step needs a ninth: two steps of
 * segment 3 are 20 us apart, in all others two are at least 50 us apart. The step is at 0 of
 * segment 3.
 */
#ifndef BPF_SECTION_STEP_BPF_H
#define BPF_SECTION_STEP_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/core_fixes.bpf.h"
#include "bpf/event.h"
#include "bpf/section_quota.bpf.h"
#include "bpf/section_state.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/user_stack.bpf.h"

#define SECTION_STACK_PIECES    16
#define SECTION_STACK_PIECE     1024u
#define SECTION_REGISTERS_BYTES (SECTION_REGISTER_WORDS * 8u)
#define SECTION_STACK_POINTER   MACHINE_WORD_SP
#define SECTION_EXTRA_BYTES     48u
#define SECTION_NO_PLACE        (~0ull)
#define SECTION_NO_BEGIN        (~1ull) /* of a step without a duration */
#define SECTION_NO_KERNEL_STACK (-14)   /* -EFAULT: it ran in user mode */

/* Behind the slot_bytes of a slot is space for the largest step: the verifier needs to know only
 * that a step begins before. */
struct section_slot {
	__u64 index[SECTION_INDEX_ENTRIES]; /* places of steps, + 1 */
	__u8 steps[];
};

/* User space sets the size and number of slots, and puts all of them into the queue. */
struct section_slots_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, 65536);
	__uint(max_entries, 1);
};

struct section_free_slots_map {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__uint(value_size, sizeof(__u32));
};

/* The kernel stacks of steps, each one once. User space reads them by their number. */
struct section_kernel_stack_map {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, SECTION_KERNEL_STACKS);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, SECTION_KERNEL_FRAMES_MAX * sizeof(__u64));
};

extern struct section_kernel_stack_map section_kernel_stacks SEC(".maps");
extern struct section_slots_map section_slots SEC(".maps");
extern struct section_free_slots_map section_free_slots SEC(".maps");

/* A step under construction. */
struct section_draft {
	struct section_step *step; /* NULL: there is no space for it */
	__u64 start;               /* place in the slot, as in section_thread::head */
	__u32 reserved_bytes;
	__u32 used_bytes;
};

/* Takes a slot for the thread. Returns false if none is free for its owner. A thread that goes to
 * sleep and the one that wakes it can both be here: the first one counts. */
static __always_inline bool section_slot_take(struct section_thread *thread)
{
	__u64 owner = section_owner_of(&thread->identity);
	__u32 number;

	if (!section_quota_take(owner, SECTION_RESOURCE_SLOT, section_settings.slot_count))
		return false;
	thread->slot_owner = owner;
	if (bpf_map_pop_elem(&section_free_slots, &number) == 0) {
		if (__sync_val_compare_and_swap(&thread->slot, 0, number + 1) == 0)
			return true;
		bpf_map_push_elem(&section_free_slots, &number, 0);
	}
	section_quota_return(owner, SECTION_RESOURCE_SLOT);
	return thread->slot != 0;
}

static __always_inline struct section_slot *section_slot(struct section_thread *thread)
{
	__u32 number;

	if (!thread->slot && !thread->slot_failed && !section_slot_take(thread)) {
		thread->slot_failed = 1;
		__sync_fetch_and_add(&section_failures.no_slot, 1);
	}
	if (!thread->slot)
		return NULL;
	number = thread->slot - 1;
	return bpf_map_lookup_elem(&section_slots, &number);
}

/* Reserves `bytes` for a step at that time. Returns its place, as head has it, or SECTION_NO_PLACE
 * if interrupts moved the head too often. */
__u64 section_reserve(struct section_thread *thread, __u32 bytes, __u64 time_ns);

/* Position of a place in the slot. */
static __always_inline __u64 section_position(__u64 place)
{
	return SECTION_HEAD_SEGMENT(place) * (section_settings.slot_bytes / SECTION_SEGMENTS) +
	       SECTION_HEAD_USED(place);
}

/* The segment of a place. */
static __always_inline struct section_segment *section_segment_of(struct section_thread *thread,
								  __u64 place)
{
	return &thread->segments[SECTION_HEAD_SEGMENT(place)];
}

/* Time that two steps of the segment at the head, or a call that ends in it, are apart. */
static __always_inline void section_weigh(struct section_thread *thread, __u64 duration_ns)
{
	struct section_segment *segment = section_segment_of(thread, thread->head);

	if (segment->longest_ns < duration_ns)
		segment->longest_ns = duration_ns;
}

/* Reserves a step with `extra_bytes` of details and space for `stack_bytes` of stacks, and fills in
 * its fixed part. */
static __always_inline struct section_draft section_step_begin(struct section_thread *thread,
							       enum section_step_type type,
							       __u64 time_ns, __u32 extra_bytes,
							       __u32 stack_bytes)
{
	__u32 bytes = sizeof(struct section_step) + extra_bytes + stack_bytes;
	struct section_draft draft = {.start = SECTION_NO_PLACE,
				      .reserved_bytes = bytes,
				      .used_bytes = sizeof(struct section_step) + extra_bytes};
	__u32 sequence = __sync_fetch_and_add(&thread->sequence, 1);
	struct section_slot *slot = section_slot(thread);
	__u64 position;

	if (!slot)
		return draft;
	draft.start = section_reserve(thread, bytes, time_ns);
	if (draft.start == SECTION_NO_PLACE)
		return draft;
	thread->last_step = type;
	position = section_position(draft.start);
	if (position > section_settings.slot_bytes)
		return draft;
	draft.step = (struct section_step *)(slot->steps + position);
	*draft.step = (struct section_step){.size_bytes = (__u16)bytes,
					    .step_type = (__u8)type,
					    .cpu = (__u16)bpf_get_smp_processor_id(),
					    .time_ns = time_ns,
					    .sequence = sequence,
					    .outermost = (__u32)thread->sections[0].number};
	return draft;
}

/* Returns the step of that size at a place if it is the last one in the slot; else NULL. */
static __always_inline struct section_step *section_step_last(struct section_thread *thread,
							      __u64 place, __u32 bytes)
{
	struct section_slot *slot = thread->slot ? section_slot(thread) : NULL;
	__u64 position;

	if (!slot || place == SECTION_NO_PLACE || place + bytes != thread->head)
		return NULL;
	position = section_position(place);
	if (position > section_settings.slot_bytes)
		return NULL;
	return (struct section_step *)(slot->steps + position);
}

/* Returns the bytes that were reserved and not used, unless an interrupt has written a step behind
 * them. */
static __always_inline void section_step_trim(struct section_thread *thread,
					      struct section_draft *draft)
{
	__u64 end = draft->start + draft->reserved_bytes;
	__u64 used_end = draft->start + draft->used_bytes;

	if (draft->used_bytes < draft->reserved_bytes &&
	    __sync_val_compare_and_swap(&thread->head, end, used_end) == end)
		draft->step->size_bytes = (__u16)draft->used_bytes;
}

/* Makes the step at that place a word if it repeats another one, else one that later steps can
 * repeat. Its duration began with the step at the place `begin`; SECTION_NO_BEGIN: it has none;
 * SECTION_NO_PLACE: it must stay. Neither inlined nor static, as above (section.bpf.c). */
int section_step_fold(struct section_thread *thread, __u64 start, __u64 begin);

/* Every step that can be repeated ends with this. */
static __always_inline void section_step_end(struct section_thread *thread,
					     struct section_draft *draft, __u64 begin)
{
	section_step_trim(thread, draft);
	section_step_fold(thread, draft->start, begin);
}

static __always_inline __u8 *section_step_extra(struct section_draft *draft)
{
	return (__u8 *)draft->step + sizeof(struct section_step);
}

static __always_inline void section_fill_peer(struct section_draft *draft, struct task_struct *task)
{
	task_fill_known_peer((struct event_peer *)section_step_extra(draft), task);
}

#define SECTION_KERNEL_STACK_BYTES (SECTION_KERNEL_FRAMES_MAX * 8u)

/* Adds the kernel stack of the program's context, directly behind the details. */
static __always_inline void section_add_kernel_stack(void *context, struct section_draft *draft,
						     __u32 extra_bytes)
{
	__u8 *out = (__u8 *)draft->step + sizeof(struct section_step) + extra_bytes;
	long size = bpf_get_stack(context, out, SECTION_KERNEL_STACK_BYTES, 0);

	if (size <= 0 || size > SECTION_KERNEL_STACK_BYTES)
		return;
	draft->step->kernel_frames = (__u8)((__u64)size / 8);
	draft->used_bytes += (__u32)size;
}

/* Adds the kernel stack of a task that does not run. */
static __always_inline void section_add_task_stack(struct task_struct *task,
						   struct section_draft *draft)
{
	__u8 *out = (__u8 *)draft->step + sizeof(struct section_step);
	long size = bpf_get_task_stack(task, out, SECTION_KERNEL_STACK_BYTES, 0);

	if (size <= 0 || size > SECTION_KERNEL_STACK_BYTES)
		return;
	draft->step->kernel_frames = (__u8)((__u64)size / 8);
	draft->used_bytes += (__u32)size;
}

/* Copies the stack, which can end, or not be resident, at any address. Returns the bytes copied. */
static __always_inline __u32 section_copy_stack(__u8 *out, __u64 stack_pointer, __u32 bytes_max)
{
	__u32 copied = 0;

	for (__u32 i = 0; i < SECTION_STACK_PIECES; i++) {
		if (copied + SECTION_STACK_PIECE > bytes_max ||
		    bpf_probe_read_user(out + copied, SECTION_STACK_PIECE,
					(void *)(stack_pointer + copied)))
			break;
		copied += SECTION_STACK_PIECE;
	}
	/* The rest of the mapping is a sum of powers of two. */
#pragma unroll
	for (__u32 piece = SECTION_STACK_PIECE / 2; piece >= 8; piece /= 2) {
		if (copied + piece <= bytes_max &&
		    bpf_probe_read_user(out + copied, piece, (void *)(stack_pointer + copied)) == 0)
			copied += piece;
	}
	return copied;
}

/* Adds the user registers and the top of the user stack of the running task, behind the kernel
 * stack. */
static __always_inline void section_add_user_stack(struct task_struct *task,
						   struct section_draft *draft, __u32 bytes_max)
{
	__u32 offset = draft->used_bytes;
	__u64 *registers;
	void *from;

	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return;
	from = (void *)bpf_task_pt_regs(task);
	if (!from ||
	    offset > sizeof(struct section_step) + SECTION_EXTRA_BYTES + SECTION_KERNEL_STACK_BYTES)
		return;
	registers = (__u64 *)((__u8 *)draft->step + offset);
	if (bpf_probe_read_kernel(registers, SECTION_REGISTERS_BYTES, from))
		return;
	draft->step->user_bytes =
		(__u16)section_copy_stack((__u8 *)registers + SECTION_REGISTERS_BYTES,
					  registers[SECTION_STACK_POINTER], bytes_max);
	if (draft->step->user_bytes)
		draft->used_bytes += SECTION_REGISTERS_BYTES + draft->step->user_bytes;
}

/* The stacks of a step, found before space for it is reserved. */
struct section_stacks {
	__u64 user;  /* stack_copy_id; USER_STACK_NONE: none, or it must be copied */
	long kernel; /* number in section_kernel_stacks; < 0: none */
	bool has_frames;
	bool must_copy;
};

/* Walks the user stack of the running task. Returns its stack_copy_id, or USER_STACK_NONE if it
 * must be copied into the step. Neither inlined nor static, as above (section_events.bpf.c). */
__u64 section_walk(__u32 place);

/* Where a stack finds no free place, its frames are copied into the step. */
static __always_inline void section_find_kernel_stack(void *context, struct section_stacks *stacks)
{
	stacks->kernel = bpf_get_stackid(context, &section_kernel_stacks, 0);
	stacks->has_frames = stacks->kernel < 0 && stacks->kernel != SECTION_NO_KERNEL_STACK;
}

static __always_inline void section_find_user_stack(struct task_struct *task,
						    enum user_stack_place place,
						    struct section_stacks *stacks)
{
	if (!section_settings.user_stack_bytes || BPF_CORE_READ(task, flags) & PF_KTHREAD)
		return;
	stacks->user = section_walk(place);
	stacks->must_copy = stacks->user == USER_STACK_NONE;
}

/* Space for the stacks, if at most bytes_max of the user stack are copied. */
static __always_inline __u32 section_stacks_space(const struct section_stacks *stacks,
						  __u32 bytes_max)
{
	__u32 bytes = stacks->has_frames ? SECTION_KERNEL_STACK_BYTES : 0;

	if (stacks->must_copy)
		return bytes + SECTION_REGISTERS_BYTES + bytes_max;
	return stacks->user ? bytes + (__u32)sizeof(stacks->user) : bytes;
}

static __always_inline void section_add_id(struct section_draft *draft, __u64 id)
{
	__u32 offset = draft->used_bytes;

	if (offset > sizeof(struct section_step) + SECTION_EXTRA_BYTES + SECTION_KERNEL_STACK_BYTES)
		return;
	*(__u64 *)((__u8 *)draft->step + offset) = id;
	draft->step->user_bytes = SECTION_USER_ID;
	draft->used_bytes += sizeof(id);
}

static __always_inline void section_add_user(struct task_struct *task, struct section_draft *draft,
					     const struct section_stacks *stacks, __u32 bytes_max)
{
	if (stacks->user)
		section_add_id(draft, stacks->user);
	else if (stacks->must_copy)
		section_add_user_stack(task, draft, bytes_max);
}

/* Adds the stacks to a step for which space was reserved. */
static __always_inline void section_add_stacks(void *context, struct task_struct *task,
					       struct section_draft *draft,
					       const struct section_stacks *stacks,
					       __u32 extra_bytes, __u32 bytes_max)
{
	if (stacks->has_frames)
		section_add_kernel_stack(context, draft, extra_bytes);
	else if (stacks->kernel >= 0)
		draft->step->kernel_stack = (__u32)stacks->kernel + 1;
	section_add_user(task, draft, stacks, bytes_max);
}

#endif
