/* analyze/sections/section_group.h - sections with what belongs to them, put together from the rows
 * of a trace
 *
 * A group is an outermost section with those inside of it, as far as they are in the file, and the
 * steps of all of them.
 */
#ifndef ANALYZE_SECTIONS_SECTION_GROUP_H
#define ANALYZE_SECTIONS_SECTION_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/replay/visitor.h"
#include "analyze/trace/trace.h"
#include <dz/enums.h>

/* INTERVAL_STATE_USER and so on: the field condition of kind phase, and one more for the time of
 * which nothing is known. */
#define INTERVAL_STATE_CODE(number, NAME, word) INTERVAL_STATE_##NAME = (number),
enum interval_state {
	DZ_PHASE_STATES(INTERVAL_STATE_CODE) INTERVAL_STATE_DROPPED,
	INTERVAL_STATE_COUNT,
};
#undef INTERVAL_STATE_CODE

/* Everything in order of time. Ids are those of the file. */
struct section_group {
	const struct trace_file *file;
	uint64_t outermost;
	struct dz_section *sections;
	size_t section_count;
	struct dz_phase *phases;
	size_t phase_count;
	struct dz_step *steps;
	size_t step_count;
};

/* Whether another section of the group is around this one: its time is the other one's, too. */
bool section_group_is_inner(const struct section_group *group, const struct dz_section *section);

/* Who gets the groups; false stops the replay. A group is valid during the call only. */
struct section_group_consumer {
	void *context;
	bool (*take)(void *context, const struct section_group *group);
};

struct section_groups;

/* False without memory. */
bool section_groups_new(const struct section_group_consumer *taker,
			struct section_groups **ret_groups);

/* The visitor that collects; it stops for lack of memory, too. */
struct visitor section_groups_visitor(struct section_groups *groups);

/* Gives out what is left when the replay is over. False if the taker has stopped. */
bool section_groups_finish(struct section_groups *groups);

/* Whether the visitor has stopped because there was no memory. */
bool section_groups_out_of_memory(const struct section_groups *groups);

/* NULL is allowed. */
void section_groups_free(struct section_groups *groups);

#endif
