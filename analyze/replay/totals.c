/* analyze/replay/totals.c - numbers of events in a trace */
#include "analyze/replay/totals.h"

static void count_exit(struct totals *totals, const struct dz_exit *row)
{
	if (row->thread) {
		totals->thread_exits++;
		return;
	}
	totals->exits++;
	totals->by_signal += row->signal != 0;
	totals->failed += row->signal == 0 && row->exit_code != 0;
	totals->core_dumped += row->core_dumped != 0;
}

/* One of them is counted as a record. */
static void count_sum(struct totals *totals, enum dz_kind kind, uint64_t count)
{
	uint64_t *total = &totals->kinds[kind];

	if (count && __builtin_add_overflow(*total, count - 1, total))
		*total = UINT64_MAX;
}

static bool count(void *context, const struct visitor_event *event)
{
	struct totals *totals = context;
	uint32_t kind = event->event->kind;
	const struct dz_lost *lost = event->event->row;

	*(kind < 64 ? &totals->kinds[kind] : &totals->others) += 1;
	if (kind == DZ_KIND_CPU && event->event->row)
		count_sum(totals, DZ_KIND_CPU, ((const struct dz_cpu *)event->event->row)->count);
	if (kind == DZ_KIND_OFFCPU && event->event->row)
		count_sum(totals, DZ_KIND_OFFCPU,
			  ((const struct dz_offcpu *)event->event->row)->count);
	if (kind == DZ_KIND_EXIT && event->event->row)
		count_exit(totals, event->event->row);
	if (kind == DZ_KIND_LOST && lost &&
	    __builtin_add_overflow(totals->lost, lost->count, &totals->lost))
		totals->lost = UINT64_MAX;
	return true;
}

struct visitor totals_visitor(struct totals *totals)
{
	return (struct visitor){.context = totals, .kinds = VISITOR_ALL_KINDS, .visit = count};
}
