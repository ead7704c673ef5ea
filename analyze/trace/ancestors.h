/* analyze/trace/ancestors.h - the processes that a task descends from */
#ifndef ANALYZE_TRACE_ANCESTORS_H
#define ANALYZE_TRACE_ANCESTORS_H

#include <stddef.h>

#include "analyze/trace/trace.h"

#define ANCESTORS_MAX 16u

struct ancestor_list {
	const struct dz_task
		*tasks[ANCESTORS_MAX]; /* parent first; they live as long as the file */
	size_t count;
};

/* The ancestors as they were seen then. `task` may be NULL. */
struct ancestor_list ancestors_of(const struct trace_file *file, const struct dz_task *task);

#endif
