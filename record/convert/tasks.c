/* record/convert/tasks.c - tasks of the kernel side to tasks of a file */
#include "record/convert/tasks.h"

#include <stdlib.h>
#include <string.h>

/* Direct-mapped: what a shell or a build starts has the same ancestors, thousands of times. */
#define LINEAGES_CACHED 256u

#define ID_UNKNOWN UINT32_MAX

struct cached_lineage {
	struct event_ancestor ancestors[EVENT_ANCESTORS_MAX];
	size_t count;       /* 0 for an empty entry */
	uint32_t reference; /* of the first */
};

struct tasks {
	struct cgroups *cgroups;
	struct command_lines *lines; /* NULL: not asked for */
	struct cached_lineage lineages[LINEAGES_CACHED];
};

struct tasks *tasks_new(struct cgroups *cgroups)
{
	struct tasks *tasks = calloc(1, sizeof(*tasks));

	if (tasks)
		tasks->cgroups = cgroups;
	return tasks;
}

void tasks_use_command_lines(struct tasks *tasks, struct command_lines *lines)
{
	tasks->lines = lines;
}

void tasks_forget(struct tasks *tasks)
{
	memset(tasks->lineages, 0, sizeof(tasks->lineages));
}

static uint32_t tasks_comm(struct dz_writer *writer, const char comm[EVENT_COMM_BYTES])
{
	return dz_writer_string(writer, comm, strnlen(comm, EVENT_COMM_BYTES));
}

static uint32_t tasks_command_line(const struct tasks *tasks, struct dz_writer *writer,
				   const struct command_line_owner *owner)
{
	const char *text = tasks->lines ? command_lines_find(tasks->lines, owner) : NULL;

	return text ? dz_writer_text(writer, text) : 0;
}

/* Outermost first, so that each can refer to its parent. */
static uint32_t tasks_build_lineage(struct tasks *tasks, struct dz_writer *writer,
				    const struct event_ancestor *ancestors, size_t count)
{
	uint32_t parent = 0;

	for (size_t i = count; i > 0; i--) {
		const struct event_ancestor *ancestor = &ancestors[i - 1];
		const struct command_line_owner owner = {ancestor->process_start_ns, ancestor->pid,
							 ancestor->comm};
		struct dz_task task = {
			.pid = ancestor->pid,
			.tid = ancestor->pid,
			.process_start = ancestor->process_start_ns,
			.start = ancestor->process_start_ns,
			.comm = tasks_comm(writer, ancestor->comm),
			.parent = parent,
			.uid = ancestor->uid,
			.gid = ID_UNKNOWN,
			.command_line = tasks_command_line(tasks, writer, &owner),
		};

		task.process_comm = task.comm;
		parent = dz_writer_task(writer, &task);
	}
	return parent;
}

static uint32_t tasks_lineage(struct tasks *tasks, struct dz_writer *writer, const void *ancestors,
			      size_t count)
{
	struct event_ancestor copy[EVENT_ANCESTORS_MAX];
	struct cached_lineage *lineage;
	uint64_t hash;

	if (count == 0 || count > EVENT_ANCESTORS_MAX)
		return 0;
	memcpy(copy, ancestors, count * sizeof(copy[0]));
	hash = (copy[0].process_start_ns ^ copy[0].pid) * 0x9e3779b97f4a7c15u;
	lineage = &tasks->lineages[(size_t)(hash >> 32) % LINEAGES_CACHED];
	if (lineage->count != count ||
	    memcmp(lineage->ancestors, copy, count * sizeof(copy[0])) != 0) {
		lineage->reference = tasks_build_lineage(tasks, writer, copy, count);
		lineage->count = count;
		memcpy(lineage->ancestors, copy, count * sizeof(copy[0]));
	}
	return lineage->reference;
}

uint32_t tasks_intern(struct tasks *tasks, struct dz_writer *writer, const struct event_task *task,
		      const void *ancestors, size_t count)
{
	const struct command_line_owner owner = {task->process_start_ns, task->pid,
						 task->process_comm};
	struct dz_task row = {
		.pid = task->pid,
		.tid = task->tid,
		.process_start = task->process_start_ns,
		.start = task->start_ns,
		.comm = tasks_comm(writer, task->comm),
		.parent = tasks_lineage(tasks, writer, ancestors, count),
		.uid = task->uid,
		.gid = task->gid,
		.cgroup = cgroups_intern(tasks->cgroups, writer, task->cgroup_id,
					 task->cgroup_hierarchy),
		.ns_pid = task->ns_pid,
		.ns_tid = task->ns_tid,
		.pid_namespace = task->pid_namespace,
		.process_comm = tasks_comm(writer, task->process_comm),
		.command_line = tasks_command_line(tasks, writer, &owner),
		.kernel_thread = task->flags & EVENT_TASK_KERNEL_THREAD ? 1 : 0,
	};

	return dz_writer_task(writer, &row);
}

void tasks_free(struct tasks *tasks)
{
	free(tasks);
}
