/* bpf/task_state.bpf.h - scheduling state of a task: running, or why it is not */
#ifndef BPF_TASK_STATE_BPF_H
#define BPF_TASK_STATE_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

/* TASK_UNINTERRUPTIBLE of the kernel, and the bits that show why a task does not run. */
#define SECTION_STATE_UNINTERRUPTIBLE 2u
#define SECTION_STATE_REASON          0xffu
/* TASK_WAKING: another task wakes it, which need not be on its CPU's queue yet. */
#define SECTION_STATE_WAKING 0x200u

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* 2f064a59a11f (5.14) renamed task_struct::state. */
struct task_struct___section {
	unsigned int __state;
	long state;
	int on_cpu;
};

#pragma clang attribute pop

/* All bits of the state. */
static __always_inline __u32 section_bits_of(struct task_struct *task)
{
	struct task_struct___section *other = (void *)task;

	if (bpf_core_field_exists(other->__state))
		return BPF_CORE_READ(other, __state);
	return (__u32)BPF_CORE_READ(other, state);
}

static __always_inline __u32 section_state_of(struct task_struct *task)
{
	return section_bits_of(task) & SECTION_STATE_REASON;
}

/* The same for a pointer that the verifier knows: without a call of the kernel. */
static __always_inline __u32 section_state_of_known(struct task_struct *task)
{
	struct task_struct___section *other = (void *)task;

	if (bpf_core_field_exists(other->__state))
		return other->__state & SECTION_STATE_REASON;
	return (__u32)other->state & SECTION_STATE_REASON;
}

static __always_inline bool section_is_on_cpu(struct task_struct *task)
{
	return BPF_CORE_READ((struct task_struct___section *)(void *)task, on_cpu);
}

/* The phase state of a task that does not run, by its scheduling state. */
static __always_inline __u32 section_off_state(__u32 state)
{
	if (state == 0)
		return PHASE_STATE_PREEMPTED;
	return state & SECTION_STATE_UNINTERRUPTIBLE ? PHASE_STATE_UNINTERRUPTIBLE
						     : PHASE_STATE_BLOCKED;
}

#endif
