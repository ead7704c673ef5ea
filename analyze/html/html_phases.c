/* analyze/html/html_phases.c - states of the sections that are drawn, in the order of time */
#include "analyze/html/html_phases.h"

#include <stdlib.h>

#include "analyze/sections/section_interval.h"

/* Compared by file, then by section. */
static int compare_places(const struct html_item *a, const struct trace_file *file,
			  uint64_t section)
{
	if (a->file != file)
		return (uintptr_t)a->file < (uintptr_t)file ? -1 : 1;
	return (a->section > section) - (a->section < section);
}

static int compare_items(const void *left, const void *right)
{
	const struct html_item *const *a = left, *const *b = right;

	return compare_places(*a, (*b)->file, (*b)->section);
}

static struct html_item *find_item(const struct html_phases *phases, const struct trace_file *file,
				   uint64_t section)
{
	size_t low = 0, high = phases->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_places(phases->items[middle], file, section);

		if (order == 0)
			return phases->items[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Returns the state with the largest part of [start_ns, end_ns). Starts at interval *first, and
 * moves it on for the next call. */
static enum interval_state most_of(const struct section_interval *intervals, size_t count,
				   size_t *first, const struct time_range *part)
{
	uint64_t share_ns[INTERVAL_STATE_COUNT] = {0};
	size_t most = 0;

	while (*first < count && intervals[*first].end_ns <= part->first_ns)
		(*first)++;
	for (size_t i = *first; i < count && intervals[i].start_ns < part->last_ns; i++) {
		const struct section_interval *interval = &intervals[i];
		uint64_t from =
			interval->start_ns > part->first_ns ? interval->start_ns : part->first_ns;
		uint64_t to = interval->end_ns < part->last_ns ? interval->end_ns : part->last_ns;

		share_ns[interval->state] += to - from;
	}
	for (size_t i = 1; i < INTERVAL_STATE_COUNT; i++)
		if (share_ns[i] > share_ns[most])
			most = i;
	return (enum interval_state)most;
}

static void set_parts(struct html_item *item, const struct section_interval *intervals,
		      size_t count)
{
	const uint64_t start_ns = intervals[0].start_ns;
	const double length_ns = (double)(intervals[count - 1].end_ns - start_ns);
	size_t first = 0;
	size_t dropped = 0;

	for (size_t i = 0; i < HTML_PARTS; i++) {
		const struct time_range part = {
			.first_ns = start_ns + (uint64_t)(length_ns * (double)i / HTML_PARTS),
			.last_ns = start_ns + (uint64_t)(length_ns * (double)(i + 1) / HTML_PARTS),
		};

		item->parts[i] = (uint8_t)most_of(intervals, count, &first, &part);
		dropped += item->parts[i] == INTERVAL_STATE_DROPPED;
	}
	/* Otherwise the sums of the phases, which have no gaps, say more. */
	item->has_parts = dropped <= HTML_PARTS / 2;
}

static bool take_section(struct html_item *item, struct section_steps *steps,
			 const struct dz_section *section)
{
	struct section_interval *intervals;
	size_t count;

	if (!section_intervals_make(steps, section, &intervals, &count))
		return false;
	if (count > 0)
		set_parts(item, intervals, count);
	free(intervals);
	return true;
}

static bool take_group(void *context, const struct section_group *group)
{
	const struct html_phases *phases = context;
	struct section_steps *steps;
	bool ok = true;

	if (group->step_count == 0)
		return true;
	if (!section_steps_new(group, &steps))
		return false;
	for (size_t i = 0; i < group->section_count && ok; i++) {
		struct html_item *item = find_item(phases, group->file, group->sections[i].id);

		if (item)
			ok = take_section(item, steps, &group->sections[i]);
	}
	section_steps_free(steps);
	return ok;
}

bool html_phases_open(struct html_phases *phases, struct html_lanes *lanes)
{
	const struct section_group_consumer consumer = {phases, take_group};

	*phases = (struct html_phases){.items = calloc(lanes->item_count + 1, sizeof(void *))};
	if (!phases->items)
		return false;
	for (size_t i = 0; i < lanes->item_count; i++) {
		struct html_item *item = &lanes->items[i];

		if (html_item_is_section(item, lanes->states_ns))
			phases->items[phases->count++] = item;
	}
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	qsort(phases->items, phases->count, sizeof(phases->items[0]), compare_items);
	return section_groups_new(&consumer, &phases->groups);
}

struct visitor html_phases_visitor(struct html_phases *phases)
{
	return section_groups_visitor(phases->groups);
}

bool html_phases_finish(struct html_phases *phases)
{
	return section_groups_finish(phases->groups);
}

void html_phases_release(struct html_phases *phases)
{
	section_groups_free(phases->groups);
	free(phases->items);
	*phases = (struct html_phases){.count = 0};
}
