/* analyze/trace/ancestors.c - the processes that a task descends from */
#include "analyze/trace/ancestors.h"

struct ancestor_list ancestors_of(const struct trace_file *file, const struct dz_task *task)
{
	struct ancestor_list ancestor_list = {.count = 0};

	while (task && ancestor_list.count < ANCESTORS_MAX) {
		task = dz_reader_task(file->reader, task->parent);
		if (task)
			ancestor_list.tasks[ancestor_list.count++] = task;
	}
	return ancestor_list;
}
