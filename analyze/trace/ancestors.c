/* analyze/trace/ancestors.c - parent, grandparent and so on of a task */
#include "analyze/trace/ancestors.h"

struct ancestor_list ancestors_of(const struct trace_file *file, const struct dz_task *task)
{
	struct ancestor_list ancestors = {.count = 0};

	while (task && ancestors.count < ANCESTORS_MAX && !trace_is_command(file, task)) {
		task = dz_reader_task(file->reader, task->parent);
		if (task)
			ancestors.tasks[ancestors.count++] = task;
	}
	return ancestors;
}
