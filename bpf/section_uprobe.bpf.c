/* bpf/section_uprobe.bpf.c - sections that uprobes and USDT probes start and stop
 */
#include "bpf/vmlinux.h"

/* With this, bpf_tracing.h uses the names that the kernel has for registers. */
#define __VMLINUX_H__

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

#include "bpf/event.h"
#include "bpf/own_stack.bpf.h"
#include "bpf/scratch.bpf.h"
#include "bpf/section.bpf.h"
#include "bpf/section_start.bpf.h"
#include "bpf/section_state.bpf.h"

/* Pairs of uprobes; the cookie of each is the index of its pair. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SECTION_PAIRS_MAX);
	__type(key, __u32);
	__type(value, struct section_pair);
} section_pairs SEC(".maps");

/* Returns a slot whose bytes are the place of a start, all 0 but for the source; NULL: counted. */
static __always_inline struct scratch_slot *section_probe_begin(__u8 source)
{
	struct scratch_slot *slot = scratch_acquire();
	struct section_start_place *start;

	if (!slot) {
		__sync_fetch_and_add(&section_failures.no_memory, 1);
		return NULL;
	}
	start = (struct section_start_place *)slot->bytes;
	__builtin_memset(start, 0, sizeof(*start));
	start->source = source;
	return slot;
}

static __always_inline void section_probe_start(struct section_start_place *start)
{
	struct section_thread *thread = section_thread_for_start(bpf_get_current_task_btf());

	if (thread)
		thread_section_start(thread, start);
}

static __always_inline void section_probe_stop(__u32 source, __u32 pair)
{
	struct section_thread *thread = section_thread_in_section(bpf_get_current_task_btf());

	if (thread)
		thread_section_stop(thread, source, pair);
}

SEC("uprobe")
int sect_uprobe_start(struct pt_regs *context)
{
	__u32 key = (__u32)bpf_get_attach_cookie(context);
	struct section_pair *pair = bpf_map_lookup_elem(&section_pairs, &key);
	struct scratch_slot *slot = pair ? section_probe_begin(SECTION_SOURCE_UPROBE) : NULL;
	struct section_start_place *start;

	own_stack_keep(context);
	if (!pair || !slot)
		return 0;
	start = (struct section_start_place *)slot->bytes;
	start->pair = (__u16)key;
	start->threshold_ns = pair->threshold_ns;
	__builtin_memcpy(start->label, pair->label, sizeof(start->label));
	section_probe_start(start);
	scratch_release(slot);
	return 0;
}

SEC("uprobe")
int sect_uprobe_stop(struct pt_regs *context)
{
	own_stack_keep(context);
	section_probe_stop(SECTION_SOURCE_UPROBE, (__u32)bpf_get_attach_cookie(context));
	return 0;
}

/* The label of a section whose label is not in memory, if nothing of the program has read it. */
#define SECTION_LABEL_UNREAD "[label not in memory]"

/* The probes of diag/section.h: arguments are a label and a threshold in ns. */
SEC("usdt")
int sect_usdt_start(struct pt_regs *context)
{
	struct section_start_place *start;
	long label = 0, threshold_ns = 0;
	struct scratch_slot *slot;

	own_stack_keep(context);
	if (bpf_usdt_arg(context, 0, &label) || bpf_usdt_arg(context, 1, &threshold_ns))
		return 0;
	slot = section_probe_begin(SECTION_SOURCE_MARKER);
	if (!slot)
		return 0;
	start = (struct section_start_place *)slot->bytes;
	if (label && bpf_probe_read_user_str(start->label, sizeof(start->label), (void *)label) < 0)
		__builtin_memcpy(start->label, SECTION_LABEL_UNREAD, sizeof(SECTION_LABEL_UNREAD));
	start->threshold_ns = (__u64)threshold_ns;
	section_probe_start(start);
	scratch_release(slot);
	return 0;
}

SEC("usdt")
int sect_usdt_stop(struct pt_regs *context)
{
	own_stack_keep(context);
	section_probe_stop(SECTION_SOURCE_MARKER, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
