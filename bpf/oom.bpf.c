/* bpf/oom.bpf.c - victims of the out-of-memory killer */
#include "bpf/vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/cgroup.bpf.h"
#include "bpf/core_fixes.bpf.h"
#include "bpf/event.h"
#include "bpf/filter.bpf.h"
#include "bpf/loss.bpf.h"
#include "bpf/ring.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/task.bpf.h"

/* Indices of the kernel's counters of resident memory. */
#define MM_FILEPAGES  0
#define MM_ANONPAGES  1
#define MM_SHMEMPAGES 3

SEC("tp_btf/mark_victim")
int BPF_PROG(on_mark_victim, struct task_struct *victim)
{
	struct scratch_slot *slot;
	struct event_oom *out;
	struct mm_struct *mm;
	__u64 size = sizeof(struct event_oom);

	if (!filter_task_passes(victim))
		return 0;
	slot = scratch_acquire();
	if (!slot) {
		loss_add(EVENT_OOM, LOSS_NO_SCRATCH);
		return 0;
	}
	out = &slot->oom;
	__builtin_memset(out, 0, sizeof(*out));
	out->header.time_ns = bpf_ktime_get_boot_ns();
	out->header.cpu = bpf_get_smp_processor_id();
	out->header.kind = EVENT_OOM;
	cgroup_fill_current(&out->task, false);
	task_fill(&out->victim, victim);
	cgroup_fill(&out->victim, victim, &signal_ring, EVENT_SIGNAL);
	mm = BPF_CORE_READ(victim, mm);
	out->total_vm_pages = BPF_CORE_READ(mm, total_vm);
	out->anon_rss_pages = core_resident_pages(mm, MM_ANONPAGES);
	out->file_rss_pages = core_resident_pages(mm, MM_FILEPAGES);
	out->shmem_rss_pages = core_resident_pages(mm, MM_SHMEMPAGES);
	out->score_adjustment = BPF_CORE_READ(victim, signal, oom_score_adj);
	size += task_ancestors(&slot->header, (void *)&slot->bytes[size]);
	ring_output(&signal_ring, &slot->header, size);
	scratch_release(slot);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
