/* analyze/trace/ancestors.c - the processes that a task descends from */
#include "analyze/trace/ancestors.h"

struct lineage lineage_of(const struct trace_file *file, const struct dz_task *task)
{
	struct lineage lineage = {.count = 0};

	while (task && lineage.count < LINEAGE_MAX) {
		task = dz_reader_task(file->reader, task->parent);
		if (task)
			lineage.tasks[lineage.count++] = task;
	}
	return lineage;
}
