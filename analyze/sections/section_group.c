/* analyze/sections/section_group.c - sections of a trace, with their phases and steps */
#include "analyze/sections/section_group.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define BUCKETS 1024u

/* A group to which rows can still be added. */
struct open_group {
	struct section_group group;
	uint64_t end_ns; /* Unix time at which the outermost section stopped; 0: not known yet */
	size_t section_capacity, phase_capacity, step_capacity;
	struct open_group *next; /* in the same bucket */
};

struct section_groups {
	struct section_group_consumer consumer;
	struct open_group *buckets[BUCKETS];
	size_t ending_count;   /* groups with a known end */
	uint64_t first_end_ns; /* earliest of these ends */
	bool out_of_memory;
};

bool section_group_is_inner(const struct section_group *group, const struct dz_section *section)
{
	for (size_t i = 0; i < group->section_count; i++) {
		const struct dz_section *other = &group->sections[i];

		if (other->start <= section->start && other->time >= section->time &&
		    other->id < section->id)
			return true;
	}
	return false;
}

bool section_groups_new(const struct section_group_consumer *consumer,
			struct section_groups **ret_groups)
{
	struct section_groups *groups = calloc(1, sizeof(*groups));

	if (!groups)
		return false;
	groups->consumer = *consumer;
	*ret_groups = groups;
	return true;
}

static void free_group(struct open_group *group)
{
	free(group->group.sections);
	free(group->group.phases);
	free(group->group.steps);
	free(group);
}

static struct open_group **find_place(struct section_groups *groups, const struct trace_file *file,
				      uint64_t outermost)
{
	struct open_group **place = &groups->buckets[outermost % BUCKETS];

	while (*place && ((*place)->group.outermost != outermost || (*place)->group.file != file))
		place = &(*place)->next;
	return place;
}

/* Removes a group and passes it to the consumer, unless it has no section. */
static bool pass_on(struct section_groups *groups, struct open_group **place)
{
	struct open_group *group = *place;
	bool continues = true;

	*place = group->next;
	if (group->end_ns)
		groups->ending_count--;
	if (group->group.section_count > 0)
		continues = groups->consumer.take(groups->consumer.context, &group->group);
	free_group(group);
	return continues;
}

/* Passes on the groups that ended before that time; UINT64_MAX: all groups. */
static bool pass_on_before(struct section_groups *groups, uint64_t unix_ns)
{
	bool continues = true;

	for (size_t i = 0; i < BUCKETS && continues; i++) {
		struct open_group **place = &groups->buckets[i];

		while (*place && continues) {
			uint64_t end_ns = (*place)->end_ns;

			if (unix_ns == UINT64_MAX || (end_ns && end_ns < unix_ns))
				continues = pass_on(groups, place);
			else
				place = &(*place)->next;
		}
	}
	return continues;
}

static struct open_group *group_of(struct section_groups *groups, const struct visitor_event *event,
				   uint64_t outermost)
{
	struct open_group **place = find_place(groups, event->file, outermost);
	struct open_group *group = *place;

	if (group)
		return group;
	group = calloc(1, sizeof(*group));
	if (!group) {
		groups->out_of_memory = true;
		return NULL;
	}
	group->group.file = event->file;
	group->group.outermost = outermost;
	*place = group;
	return group;
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
		if (groups->ending_count++ == 0 || event->unix_ns < groups->first_end_ns)
			groups->first_end_ns = event->unix_ns;
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
	if (groups->ending_count > 0 && event->unix_ns > groups->first_end_ns) {
		if (!pass_on_before(groups, event->unix_ns))
			return false;
		groups->first_end_ns = UINT64_MAX;
	}
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

bool section_groups_finish(struct section_groups *groups)
{
	return pass_on_before(groups, UINT64_MAX);
}

bool section_groups_out_of_memory(const struct section_groups *groups)
{
	return groups->out_of_memory;
}

void section_groups_free(struct section_groups *groups)
{
	if (!groups)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (groups->buckets[i]) {
			struct open_group *next = groups->buckets[i]->next;

			free_group(groups->buckets[i]);
			groups->buckets[i] = next;
		}
	}
	free(groups);
}
