/* bpf/choice.bpf.h - chooses events of a CPU for --every and --max-per-second, and counts the
 * others
 *
 * A program must not be interrupted by one that chooses from the same events.
 */
#ifndef BPF_CHOICE_BPF_H
#define BPF_CHOICE_BPF_H

#include "bpf/vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

#define CHOICE_NS_PER_SECOND 1000000000ull

struct choice_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCHED_CHOICES);
	__type(key, __u32);
	__type(value, struct sched_chosen);
};

extern const volatile struct sched_settings sched_settings;
extern struct choice_map sched_choices SEC(".maps");

/* Returns whether to record an event that passed the filters. */
static __always_inline bool choice_is_made(enum sched_choice choice, __u64 now_ns)
{
	__u32 key = choice;
	__u64 second = now_ns / CHOICE_NS_PER_SECOND;
	struct sched_chosen *chosen;
	__u64 before;

	if (sched_settings.every <= 1 && !sched_settings.max_per_second)
		return true;
	chosen = bpf_map_lookup_elem(&sched_choices, &key);
	if (!chosen)
		return true;
	before = chosen->happened++;
	if (sched_settings.every > 1 && before % sched_settings.every != 0) {
		chosen->skipped_every++;
		return false;
	}
	if (!sched_settings.max_per_second)
		return true;
	if (chosen->rate_second != second) {
		chosen->rate_second = second;
		chosen->rate_count = 0;
	}
	if (chosen->rate_count >= sched_settings.max_per_second) {
		chosen->skipped_rate++;
		return false;
	}
	chosen->rate_count++;
	return true;
}

#endif
