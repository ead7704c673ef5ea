/* analyze/sections/section_group.h - sections of a trace, with their phases and steps
 *
 * A group is an outermost section and the sections inside it, as far as they are in the file, with
 * the phases and steps of all of them.
 */
#ifndef ANALYZE_SECTIONS_SECTION_GROUP_H
#define ANALYZE_SECTIONS_SECTION_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/replay/visitor.h"
#include "analyze/trace/trace.h"
#include <dz/enums.h>

/* INTERVAL_STATE_USER and so on: the values of field state of kind phase. INTERVAL_STATE_DROPPED is
 * the state of time for which the steps were dropped. */
#define INTERVAL_STATE_CODE(number, NAME, word) INTERVAL_STATE_##NAME = (number),
enum interval_state {
	DZ_PHASE_STATES(INTERVAL_STATE_CODE) INTERVAL_STATE_DROPPED,
	INTERVAL_STATE_COUNT,
};
#undef INTERVAL_STATE_CODE

/* Sections and steps are ordered by time, phases by their section and then by time. Ids are those
 * of the file. */
struct section_group {
	const struct trace_file *file;
	uint64_t outermost;
	struct dz_section *sections;
	bool *inner; /* for each section: another one contains it */
	size_t section_count;
	struct dz_phase *phases;
	size_t phase_count;
	struct dz_step *steps;
	size_t step_count;
};

/* Whether another section of the group contains this one, which must be an element of `sections`:
 * its time is counted there too. */
bool section_group_is_inner(const struct section_group *group, const struct dz_section *section);

/* Returns the phases of a section, *ret_count of them; NULL if it has none. The group owns them. */
const struct dz_phase *section_group_phases(const struct section_group *group,
					    const struct dz_section *section, size_t *ret_count);

/* Receives the groups. take() returns false to stop the replay. A group is valid during the call
 * only. */
struct section_group_consumer {
	void *context;
	bool (*take)(void *context, const struct section_group *group);
};

struct section_groups;

/* Copies *consumer. Returns false on allocation failure. */
bool section_groups_new(const struct section_group_consumer *consumer,
			struct section_groups **ret_groups);

/* Returns the visitor that collects the rows. It stops if the consumer does, and on allocation
 * failure. */
struct visitor section_groups_visitor(struct section_groups *groups);

/* Passes on the remaining groups after the replay. Returns false if the consumer stopped. */
bool section_groups_finish(struct section_groups *groups);

/* Whether an allocation failed in the visitor. */
bool section_groups_out_of_memory(const struct section_groups *groups);

/* Frees everything. NULL is allowed. */
void section_groups_free(struct section_groups *groups);

#endif
