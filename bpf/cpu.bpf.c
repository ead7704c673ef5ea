/* bpf/cpu.bpf.c - samples of what runs on each CPU, added up by task and stacks
 *
 * A sample is taken with interrupts off, where the kernel finds one mapping only: a user stack can
 * be walked when the others are remembered, and is copied until then.
 */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/choice.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/stack.bpf.h"
#include "bpf/sums.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/user_stack.bpf.h"
#include "machine.bpf.h"

/* Where the kernel stack is until it is known whether the record is needed. */
#define CPU_FRAMES_AT (SCRATCH_BYTES - STACK_BYTES_MAX)

_Static_assert(CPU_FRAMES_AT % 8 == 0, "frames are aligned");
_Static_assert(CPU_FRAMES_AT >= SUM_RECORD_BYTES - STACK_BYTES_MAX, "behind all ancestors");

extern struct ring_map sched_ring SEC(".maps");

struct sum_cell_map cpu_cells SEC(".maps");
struct sum_mark_map cpu_marks SEC(".maps");

SUM_FIND(cpu_find_cell, cpu_cells, sched_settings.cpu_cells)

/* Moves the frames from CPU_FRAMES_AT down, the first one first. Returns their size. Neither
 * inlined nor static, so that the verifier checks it once, and not what follows for each count. */
__noinline __u32 cpu_move_frames(struct scratch_slot *slot, __u32 to)
{
	__u32 count, i;

	if (!slot || to > CPU_FRAMES_AT)
		return 0;
	count = slot->cpu.header.kernel_frame_count;
#pragma clang loop unroll(disable)
	for (i = 0; i < EVENT_KERNEL_FRAMES_MAX; i++) {
		if (i >= count)
			break;
		*(__u64 *)&slot->bytes[to + 8 * i] = *(__u64 *)&slot->bytes[CPU_FRAMES_AT + 8 * i];
	}
	return 8 * i;
}

/* Sends the record, or keeps it in a free cell. */
static __noinline int cpu_output(struct scratch_slot *slot, struct task_struct *task, __u64 key)
{
	struct event_cpu *out = &slot->cpu;
	__u64 size = sizeof(*out);
	struct sum_cell *cell = NULL;

	task_fill(&out->task, task);
	cgroup_fill(&out->task, task, &sched_ring, EVENT_RUNQ);
	size += task_ancestors(&out->header, (void *)&slot->bytes[size]);
	size += cpu_move_frames(slot, (__u32)size);
	if (sum_is_possible(out->user_stack))
		cell = cpu_find_cell(key);
	if (size <= SCRATCH_BYTES &&
	    !(cell && !cell->key && sum_fill(cell, key, &out->header, size)))
		ring_output_of(&sched_ring, &out->header, size, NULL, true);
	return 0;
}

/* A sample of user code has no kernel stack: the kernel would only clear all of the space. */
static __always_inline bool cpu_is_in_kernel(const void *context)
{
	__u64 mode = ((const volatile __u64 *)context)[USER_STACK_WORD_MODE];

	return !MACHINE_MODE_IS_64BIT(mode) && !MACHINE_MODE_IS_32BIT(mode);
}

static __noinline int cpu_add(struct bpf_perf_event_data *context, struct scratch_slot *slot,
			      struct task_struct *task)
{
	struct event_cpu *out = &slot->cpu, *sum;
	struct sum_cell *cell = NULL;
	__u64 key;

	out->header.kernel_frame_count = 0;
	if (cpu_is_in_kernel(context))
		stack_kernel(context, &out->header, &slot->bytes[CPU_FRAMES_AT]);
	key = sum_mix_frames(sum_mix(sum_mix_task(task), out->user_stack),
			     (void *)&slot->bytes[CPU_FRAMES_AT], out->header.kernel_frame_count) |
	      1;
	if (sum_is_possible(out->user_stack))
		cell = cpu_find_cell(key);
	if (!cell || !cell->key)
		return cpu_output(slot, task, key);
	sum = (struct event_cpu *)cell->record;
	sum->header.time_ns = out->header.time_ns;
	sum->count++;
	sum->events += out->events;
	return 0;
}

/* The number of events since the sample before, each of which --every chose from so many. */
static __always_inline __u64 cpu_events(const void *context)
{
	__u64 events = *(const volatile __u64 *)(context + MACHINE_SAMPLE_REGISTERS_BYTES);

	return sched_settings.every ? events * sched_settings.every : events;
}

SEC("perf_event")
int cpu_on_sample(struct bpf_perf_event_data *context)
{
	struct task_struct *running = bpf_get_current_task_btf();
	struct task_struct *task = task_plain(running);
	struct scratch_slot *slot;
	struct event_cpu *out;
	struct sum_mark *mark;
	__u64 now_ns;

	if (!task) {
		loss_add(EVENT_CPU, LOSS_NO_SCRATCH);
		return 0;
	}
	now_ns = bpf_ktime_get_boot_ns();
	if (task->pid == 0 || !filter_task_passes(task) ||
	    !choice_is_made(SCHED_CHOICE_CPU, now_ns))
		return 0;
	slot = scratch_acquire();
	if (!slot) {
		loss_add(EVENT_CPU, LOSS_NO_SCRATCH);
		return 0;
	}
	mark = sum_begin(&cpu_marks);
	out = &slot->cpu;
	__builtin_memset(out, 0, sizeof(*out));
	out->header.time_ns = out->first_ns = now_ns;
	out->header.cpu = bpf_get_smp_processor_id();
	out->header.kind = EVENT_CPU;
	out->period_ns = sched_settings.cpu_period_ns;
	out->count = 1;
	if (!out->period_ns)
		out->events = cpu_events(context);
	out->user_stack = user_stack_copy(running, USER_STACK_INTERRUPTS_OFF);
	if (mark) {
		cpu_add(context, slot, task);
		sum_end(mark);
	} else {
		loss_add(EVENT_CPU, LOSS_NO_SCRATCH);
	}
	scratch_release(slot);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
