/* analyze/sections/section_group.h - sections with what belongs to them, put together from the rows
 * of a trace
 *
 * A group is an outermost section with those inside of it, as far as they are in the file, and the
 * steps of all of them.
 */
#ifndef ANALYZE_RUN_GROUP_H
#define ANALYZE_RUN_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/replay/visitor.h"
#include "analyze/trace/trace.h"
#include <dz/enums.h>

/* RUN_USER and so on: the field condition of kind phase, and one more for the time of which nothing
 * is known. */
#define RUN_CONDITION_CODE(number, NAME, word) RUN_##NAME = (number),
enum run_condition {
	DZ_CONDITIONS(RUN_CONDITION_CODE) RUN_DROPPED,
	RUN_CONDITION_COUNT,
};
#undef RUN_CONDITION_CODE

/* Everything in order of time. Ids are those of the file. */
struct run_group {
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
bool run_group_is_inner(const struct run_group *group, const struct dz_section *section);

/* Who gets the groups; false stops the replay. A group is valid during the call only. */
struct run_group_taker {
	void *context;
	bool (*take)(void *context, const struct run_group *group);
};

struct run_groups;

/* False without memory. */
bool run_groups_new(const struct run_group_taker *taker, struct run_groups **ret_groups);

/* The visitor that collects; it stops for lack of memory, too. */
struct visitor run_groups_visitor(struct run_groups *groups);

/* Gives out what is left when the replay is over. False if the taker has stopped. */
bool run_groups_finish(struct run_groups *groups);

/* Whether the visitor has stopped because there was no memory. */
bool run_groups_out_of_memory(const struct run_groups *groups);

/* NULL is allowed. */
void run_groups_free(struct run_groups *groups);

#endif
