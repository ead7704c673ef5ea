/* bpf/cpu.bpf.c - samples of what runs on each CPU
 *
 * A sample is taken with interrupts off, where the kernel finds one mapping only: user stacks are
 * copied, not walked.
 */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/stack.bpf.h"
#include "bpf/task.bpf.h"
#include "bpf/user_stack.bpf.h"

extern const volatile struct sched_settings sched_settings;
extern struct ring_map sched_ring SEC(".maps");

SEC("perf_event")
int cpu_on_sample(struct bpf_perf_event_data *context)
{
	struct task_struct *running = bpf_get_current_task_btf();
	struct task_struct *task = task_plain(running);
	__u64 size = sizeof(struct event_cpu);
	struct scratch_slot *slot;
	struct event_cpu *out;

	if (!task) {
		loss_add(EVENT_CPU, LOSS_NO_SCRATCH);
		return 0;
	}
	if (task->pid == 0 || !filter_task_passes(task))
		return 0;
	slot = scratch_acquire();
	if (!slot) {
		loss_add(EVENT_CPU, LOSS_NO_SCRATCH);
		return 0;
	}
	out = &slot->cpu;
	__builtin_memset(out, 0, sizeof(*out));
	out->header.time_ns = bpf_ktime_get_boot_ns();
	out->header.cpu = bpf_get_smp_processor_id();
	out->header.kind = EVENT_CPU;
	out->period_ns = sched_settings.cpu_period_ns;
	task_fill(&out->task, task);
	cgroup_fill(&out->task, task, &sched_ring, EVENT_RUNQ);
	out->user_stack = user_stack_copy(running, USER_STACK_INTERRUPTS_OFF);
	size += task_ancestors(&slot->header, (void *)&slot->bytes[size]);
	if (size < SCRATCH_BYTES - STACK_BYTES_MAX)
		size += stack_kernel(context, &slot->header, &slot->bytes[size]);
	if (size <= SCRATCH_BYTES)
		ring_output(&sched_ring, &slot->header, size);
	scratch_release(slot);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
