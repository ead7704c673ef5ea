/* analyze/sections/section_interval.h - the time of a section, cut where something happened
 *
 * The intervals of a section follow each other without a gap from its start to its stop, so that
 * their lengths add up to its duration.
 */
#ifndef ANALYZE_SECTIONS_SECTION_INTERVAL_H
#define ANALYZE_SECTIONS_SECTION_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/sections/section_group.h"

/* Times are CLOCK_BOOTTIME, ids those of the file. */
struct section_interval {
	uint64_t start_ns;
	uint64_t end_ns;
	enum interval_state state;
	bool in_call;          /* `name` is that of a system call */
	uint64_t name;         /* string: of the system call, or of the interrupt's handler */
	uint64_t kernel_stack; /* 0 if it is not known */
	uint64_t user_stack;
	const struct dz_step
		*woken; /* of INTERVAL_STATE_BLOCKED...: what ended it; NULL if not known */
	const struct dz_step *out; /* while it did not run: how it was switched out */
};

/* The caller frees *ret_intervals. False without memory. */
bool section_intervals_make(const struct section_group *group, const struct dz_section *section,
			    struct section_interval **ret_intervals, size_t *ret_count);

#endif
