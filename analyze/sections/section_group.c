/* analyze/sections/section_group.c - sections of a trace, with their phases and steps */
#define _GNU_SOURCE
#include "analyze/sections/section_group.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/search.h"

/* A group to which rows can still be added. */
struct open_group {
	struct section_group group;
	uint64_t end_ns; /* Unix time at which the outermost section stopped; 0: not known yet */
	size_t section_capacity, phase_capacity, step_capacity;
	struct open_group *next; /* its outermost section stopped later */
};

struct section_groups {
	struct section_group_consumer consumer;
	void *tree; /* of tsearch(3): balanced for any ids */
	struct open_group *first_ended;
	struct open_group **last_ended;
	bool out_of_memory;
};

bool section_group_is_inner(const struct section_group *group, const struct dz_section *section)
{
	return group->inner[section - group->sections];
}

static bool is_of_earlier_section(const void *table, size_t index, uint64_t section)
{
	return ((const struct dz_phase *)table)[index].section < section;
}

const struct dz_phase *section_group_phases(const struct section_group *group,
					    const struct dz_section *section, size_t *ret_count)
{
	size_t first = search_lower_bound(group->phases, group->phase_count, section->id,
					  is_of_earlier_section);
	size_t end = first;

	while (end < group->phase_count && group->phases[end].section == section->id)
		end++;
	*ret_count = end - first;
	return *ret_count > 0 ? group->phases + first : NULL;
}

static int compare_numbers(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

static int compare_phases(const void *left, const void *right)
{
	const struct dz_phase *a = left, *b = right;
	int order = compare_numbers(a->section, b->section);

	return order ? order : compare_numbers(a->time, b->time);
}

static int compare_groups(const void *left, const void *right)
{
	const struct open_group *a = left, *b = right;
	int order = compare_numbers(a->group.outermost, b->group.outermost);

	return order ? order : compare_numbers((uintptr_t)a->group.file, (uintptr_t)b->group.file);
}

/* A section, and the place of its start among all starts. */
struct placed {
	const struct dz_section *section;
	size_t start_rank; /* from 1 */
};

static int compare_starts(const void *left, const void *right)
{
	return compare_numbers(((const struct placed *)left)->section->start,
			       ((const struct placed *)right)->section->start);
}

static int compare_ids(const void *left, const void *right)
{
	return compare_numbers(((const struct placed *)left)->section->id,
			       ((const struct placed *)right)->section->id);
}

/* Sets the ranks: sections with the same start have the same one. */
static void rank_starts(struct placed *placed, size_t count)
{
	qsort(placed, count, sizeof(*placed), compare_starts);
	for (size_t i = 0; i < count; i++) {
		bool is_same = i > 0 && compare_starts(&placed[i - 1], &placed[i]) == 0;

		placed[i].start_rank = is_same ? placed[i - 1].start_rank : i + 1;
	}
}

/* A Fenwick tree: the latest stop of the sections that start at a rank or before it. */
static uint64_t latest_stop(const uint64_t *stops, size_t rank)
{
	uint64_t latest = 0;

	for (; rank > 0; rank -= rank & -rank)
		latest = stops[rank] > latest ? stops[rank] : latest;
	return latest;
}

static void add_stop(uint64_t *stops, size_t count, const struct placed *placed)
{
	for (size_t rank = placed->start_rank; rank <= count; rank += rank & -rank)
		if (placed->section->time > stops[rank])
			stops[rank] = placed->section->time;
}

/* Sets group->inner: a section with a lower id starts not later and stops not earlier. A stop of 0
 * means none: no section starts before it. */
static void mark_inner(struct section_group *group, struct placed *placed, uint64_t *stops)
{
	size_t count = group->section_count;
	size_t added = 0;

	for (size_t i = 0; i < count; i++)
		placed[i] = (struct placed){.section = &group->sections[i]};
	rank_starts(placed, count);
	qsort(placed, count, sizeof(*placed), compare_ids);
	for (size_t i = 0; i < count; i++) {
		const struct dz_section *section = placed[i].section;
		uint64_t stop;

		while (placed[added].section->id < section->id)
			add_stop(stops, count, &placed[added++]);
		stop = latest_stop(stops, placed[i].start_rank);
		group->inner[section - group->sections] = stop && stop >= section->time;
	}
}

/* Prepares a whole group for its consumer. Returns false on allocation failure. */
static bool complete(struct section_group *group)
{
	struct placed *placed = calloc(group->section_count, sizeof(*placed));
	uint64_t *stops = calloc(group->section_count + 1, sizeof(*stops));
	bool ok;

	group->inner = calloc(group->section_count, sizeof(*group->inner));
	ok = placed && stops && group->inner;
	if (ok)
		mark_inner(group, placed, stops);
	free(placed);
	free(stops);
	if (ok && group->phase_count > 0)
		qsort(group->phases, group->phase_count, sizeof(*group->phases), compare_phases);
	return ok;
}

bool section_groups_new(const struct section_group_consumer *consumer,
			struct section_groups **ret_groups)
{
	struct section_groups *groups = calloc(1, sizeof(*groups));

	if (!groups)
		return false;
	groups->consumer = *consumer;
	groups->last_ended = &groups->first_ended;
	*ret_groups = groups;
	return true;
}

static void free_group(void *node)
{
	struct open_group *group = node;

	free(group->group.sections);
	free(group->group.inner);
	free(group->group.phases);
	free(group->group.steps);
	free(group);
}

/* Passes a group to the consumer, unless it has no section. */
static bool pass_on(struct section_groups *groups, struct open_group *group)
{
	if (group->group.section_count == 0)
		return true;
	if (!complete(&group->group)) {
		groups->out_of_memory = true;
		return false;
	}
	return groups->consumer.take(groups->consumer.context, &group->group);
}

/* Passes on and removes the groups that ended before that time. A clock that was set back delays
 * groups, but loses none. */
static bool pass_on_before(struct section_groups *groups, uint64_t unix_ns)
{
	bool continues = true;

	while (continues && groups->first_ended && groups->first_ended->end_ns < unix_ns) {
		struct open_group *group = groups->first_ended;

		groups->first_ended = group->next;
		if (!groups->first_ended)
			groups->last_ended = &groups->first_ended;
		(void)tdelete(group, &groups->tree, compare_groups);
		continues = pass_on(groups, group);
		free_group(group);
	}
	return continues;
}

static struct open_group *group_of(struct section_groups *groups, const struct visitor_event *event,
				   uint64_t outermost)
{
	const struct open_group key = {.group = {.file = event->file, .outermost = outermost}};
	struct open_group *const *found = tfind(&key, &groups->tree, compare_groups);
	struct open_group *group;

	if (found)
		return *found;
	group = malloc(sizeof(*group));
	if (group) {
		*group = key;
		if (tsearch(group, &groups->tree, compare_groups))
			return group;
	}
	free(group);
	groups->out_of_memory = true;
	return NULL;
}

/* One array of a group. */
struct growing_rows {
	void **rows;
	size_t *count, *capacity;
	size_t row_bytes;
};

static bool add_row(struct section_groups *groups, struct growing_rows array, const void *row)
{
	void *grown = array_grow(*array.rows, array.capacity, *array.count + 1, array.row_bytes,
				 ARRAY_NO_LIMIT);

	if (!grown) {
		groups->out_of_memory = true;
		return false;
	}
	*array.rows = grown;
	memcpy((char *)*array.rows + array.row_bytes * (*array.count)++, row, array.row_bytes);
	return true;
}

static bool add_section(struct section_groups *groups, const struct visitor_event *event)
{
	const struct dz_section *row = event->event->row;
	struct open_group *group = group_of(groups, event, row->outermost);

	if (!group)
		return false;
	if (row->id == row->outermost && !group->end_ns) {
		group->end_ns = event->unix_ns;
		*groups->last_ended = group;
		groups->last_ended = &group->next;
	}
	return add_row(groups,
		       (struct growing_rows){(void **)&group->group.sections,
					     &group->group.section_count, &group->section_capacity,
					     sizeof(*row)},
		       row);
}

static bool add_step(struct section_groups *groups, const struct visitor_event *event)
{
	const struct dz_step *row = event->event->row;
	struct open_group *group = group_of(groups, event, row->section);

	return group &&
	       add_row(groups,
		       (struct growing_rows){(void **)&group->group.steps, &group->group.step_count,
					     &group->step_capacity, sizeof(*row)},
		       row);
}

static bool add_phase(struct section_groups *groups, const struct visitor_event *event)
{
	const struct dz_phase *row = event->event->row;
	struct open_group *group = group_of(groups, event, row->outermost);

	return group && add_row(groups,
				(struct growing_rows){(void **)&group->group.phases,
						      &group->group.phase_count,
						      &group->phase_capacity, sizeof(*row)},
				row);
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct section_groups *groups = context;

	if (!event->event->row)
		return true;
	if (!pass_on_before(groups, event->unix_ns))
		return false;
	if (event->event->kind == DZ_KIND_SECTION)
		return add_section(groups, event);
	if (event->event->kind == DZ_KIND_PHASE)
		return add_phase(groups, event);
	return add_step(groups, event);
}

struct visitor section_groups_visitor(struct section_groups *groups)
{
	return (struct visitor){
		.context = groups,
		.kinds = VISITOR_KIND(DZ_KIND_SECTION) | VISITOR_KIND(DZ_KIND_PHASE) |
			 VISITOR_KIND(DZ_KIND_STEP),
		.visit = visit,
	};
}

/* The state of section_groups_finish(). */
struct finish {
	struct section_groups *groups;
	bool continues;
};

static void pass_on_open(const void *node, VISIT order, void *context)
{
	struct finish *finish = context;

	if ((order == postorder || order == leaf) && finish->continues)
		finish->continues = pass_on(finish->groups, *(struct open_group *const *)node);
}

bool section_groups_finish(struct section_groups *groups)
{
	struct finish finish = {groups, pass_on_before(groups, UINT64_MAX)};

	twalk_r(groups->tree, pass_on_open, &finish);
	return finish.continues;
}

bool section_groups_out_of_memory(const struct section_groups *groups)
{
	return groups->out_of_memory;
}

void section_groups_free(struct section_groups *groups)
{
	if (!groups)
		return;
	tdestroy(groups->tree, free_group);
	free(groups);
}
