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

/*
 * Divides a section of the group into intervals, ordered by time. The caller must free
 * *ret_intervals. The steps that the intervals refer to are borrowed from the group. Returns false
 * on allocation failure.
 */
bool section_intervals_make(const struct section_group *group, const struct dz_section *section,
			    struct section_interval **ret_intervals, size_t *ret_count);

#endif
