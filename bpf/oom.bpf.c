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

#define LIMIT_LEVELS_MAX 16
#define ZONES_MAX        64
/* MEMCG_CHARGE_BATCH: a group is charged this many pages at a time. */
#define CHARGE_BATCH_PAGES 64

/* Fills in the group whose memory is that counter, and sends its names. */
static __always_inline void fill_limit(struct event_oom *out, struct page_counter *counter)
{
	struct mem_cgroup *group =
		(void *)counter - bpf_core_field_offset(struct mem_cgroup, memory);
	struct cgroup *cgroup = BPF_CORE_READ(group, css.cgroup);
	struct cgroup_key key = {.ring = ring_key(EVENT_SIGNAL)};

	key.id = BPF_CORE_READ(cgroup, kn, id);
	key.hierarchy = (__u16)BPF_CORE_READ(cgroup, root, hierarchy_id);
	out->limit_cgroup_id = key.id;
	out->limit_hierarchy = key.hierarchy;
	cgroup_name(&key, BPF_CORE_READ(cgroup, kn), &signal_ring, &out->task);
}

/* Counts the free pages of all zones: those in the list of the first node, which ends with NULL. */
static __always_inline __u64 count_free_pages(struct mem_cgroup *group)
{
	void *reference = BPF_CORE_READ(group, nodeinfo[0], lruvec.pgdat);
	__u64 pages = 0;

	if (!reference)
		return 0;
	reference += bpf_core_field_offset(struct pglist_data, node_zonelists) +
		     bpf_core_field_offset(struct zonelist, _zonerefs);
	for (int i = 0; i < ZONES_MAX; i++) {
		struct zone *zone = BPF_CORE_READ((struct zoneref *)reference, zone);
		__u64 free = 0;

		if (!zone)
			break;
		bpf_probe_read_kernel(
			&free, sizeof(free),
			&zone->vm_stat[bpf_core_enum_value(enum zone_stat_item, NR_FREE_PAGES)]);
		pages += free;
		reference += bpf_core_type_size(struct zoneref);
	}
	return pages;
}

/* Finds the innermost group at its limit, from that of `address` upwards, the address of a struct
 * mem_cgroup. Always returns 0. Neither inlined nor static, so that the verifier checks it once. */
__noinline int oom_read_limits(__u64 address, struct event_oom *out)
{
	struct page_counter *counter =
		(void *)address + bpf_core_field_offset(struct mem_cgroup, memory);
	__u64 usage = 0, limit = 0;
	bool found = false;

	if (!out)
		return 0;
	out->free_pages = count_free_pages((void *)address);
	for (int level = 0; level < LIMIT_LEVELS_MAX && counter && !found; level++) {
		usage = (__u64)BPF_CORE_READ(counter, usage.counter);
		limit = BPF_CORE_READ(counter, max);
		found = usage + CHARGE_BATCH_PAGES >= limit;
		if (!found)
			counter = BPF_CORE_READ(counter, parent);
	}
	out->limits_read = found || !counter;
	if (!found)
		return 0;
	out->limit_pages = limit;
	out->usage_pages = usage;
	fill_limit(out, counter);
	return 0;
}

/* Fills in the memory limits above a process. */
static __always_inline void fill_limits(struct event_oom *out, struct task_struct *victim)
{
	struct css_set *set = BPF_CORE_READ(victim, cgroups);
	__u64 state = 0;

	if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		return;
	/* A number, since no function that is checked once takes a pointer to a kernel type. */
	bpf_probe_read_kernel(
		&state, sizeof(state),
		&set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)]);
	if (state)
		oom_read_limits(state - bpf_core_field_offset(struct mem_cgroup, css), out);
}

SEC("tp_btf/mark_victim")
int BPF_PROG(on_mark_victim, struct task_struct *task)
{
	struct task_struct *victim = task_plain(task);
	struct scratch_slot *slot;
	struct event_oom *out;
	struct mm_struct *mm;
	__u64 size = sizeof(struct event_oom);

	if (!victim) {
		loss_add(EVENT_OOM, LOSS_NO_SCRATCH);
		return 0;
	}
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
	fill_limits(out, victim);
	size += task_ancestors(&slot->header, (void *)&slot->bytes[size]);
	ring_output(&signal_ring, &slot->header, size);
	scratch_release(slot);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
