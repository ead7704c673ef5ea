/* analyze/trace/ancestors.h - parent, grandparent and so on of a task */
#ifndef ANALYZE_TRACE_ANCESTORS_H
#define ANALYZE_TRACE_ANCESTORS_H

#include <stddef.h>

#include "analyze/trace/trace.h"

#define ANCESTORS_MAX 16u

struct ancestor_list {
	const struct dz_task *tasks[ANCESTORS_MAX]; /* parent first; borrowed from the file */
	size_t count;
};

/* Returns the ancestors of `task` as they were when it was recorded: its parent, grandparent and so
 * on, at most ANCESTORS_MAX. The COMMAND is the last one: the recorder, which started it, is no
 * ancestor. NULL has none. */
struct ancestor_list ancestors_of(const struct trace_file *file, const struct dz_task *task);

#endif
