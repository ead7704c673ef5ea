/* analyze/sections/section_interval.h - the time of a section, divided into intervals of one state
 *
 * The intervals of a section follow each other without a gap from its start to its stop. Their
 * durations add up to the duration of the section.
 */
#ifndef ANALYZE_SECTIONS_SECTION_INTERVAL_H
#define ANALYZE_SECTIONS_SECTION_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/sections/section_group.h"

/* Times are of CLOCK_BOOTTIME, ids those of the file. */
struct section_interval {
	uint64_t start_ns;
	uint64_t end_ns;
	enum interval_state state;
	bool in_call;                /* `name` is that of a system call */
	uint64_t name;               /* string: the system call, or the handler of the interrupt */
	uint64_t kernel_stack;       /* 0: not known */
	uint64_t user_stack;         /* 0: not known */
	const struct dz_step *woken; /* step that woke a blocked thread; NULL: not known */
	const struct dz_step *out;   /* step that switched the thread out; NULL: it ran */
};

/* The steps of a group in time order, for the sections of the group. */
struct section_steps;

/* Sorts the steps of a group, which it borrows. Returns false on allocation failure. */
bool section_steps_new(const struct section_group *group, struct section_steps **ret_steps);

/* Frees the steps. NULL is allowed. */
void section_steps_free(struct section_steps *steps);

/* Returns the steps with files of calls, from the start of the section to its stop, in time order;
 * *ret_count of them. The steps own them. They are visits, as in section_intervals_make(): after
 * too many, *ret_count is 0. */
const struct dz_step *const *section_steps_files(struct section_steps *steps,
						 const struct dz_section *section,
						 size_t *ret_count);

/*
 * Divides a section of the group into intervals, ordered by time. The caller must free
 * *ret_intervals. The steps that the intervals refer to are borrowed from the group. A file can
 * have any number of sections around a step: after 32 visits of each step, on average, further
 * sections are one interval of state INTERVAL_STATE_DROPPED. Returns false on allocation failure.
 */
bool section_intervals_make(struct section_steps *steps, const struct dz_section *section,
			    struct section_interval **ret_intervals, size_t *ret_count);

#endif
