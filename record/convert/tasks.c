/* record/convert/tasks.c - tasks of BPF records to tasks of a file, with their ancestors */
#include "record/convert/tasks.h"

#include <stdlib.h>
#include <string.h>

/* Direct-mapped. A shell or a build starts thousands of processes with the same ancestors. */
#define ANCESTORS_CACHED 256u

#define ID_UNKNOWN UINT32_MAX

#define TASKS_START_RESOLUTION_NS UINT64_C(1024) /* a power of two */

struct cached_ancestors {
	struct event_ancestor ancestors[EVENT_ANCESTORS_MAX];
	size_t count;       /* 0: empty entry */
	uint32_t reference; /* of the parent */
};

struct tasks {
	struct cgroups *cgroups;
	struct command_lines *lines; /* NULL: not requested */
	struct cached_ancestors cache[ANCESTORS_CACHED];
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
	memset(tasks->cache, 0, sizeof(tasks->cache));
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

/* Returns the start as it is recorded. The nanoseconds of a start are as random as those of the end
 * beside it: they would be a third of a file of exits, and no two tasks need them to differ. */
static uint64_t tasks_start(uint64_t start_ns)
{
	uint64_t rounded_ns = start_ns & ~(TASKS_START_RESOLUTION_NS - 1);

	return rounded_ns ? rounded_ns : start_ns; /* 0: unknown */
}

/* Outermost ancestor first, so that each can refer to its parent. */
static uint32_t tasks_build_ancestors(struct tasks *tasks, struct dz_writer *writer,
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
			.process_start = tasks_start(ancestor->process_start_ns),
			.start = tasks_start(ancestor->process_start_ns),
			.comm = tasks_comm(writer, ancestor->comm),
			.parent = parent,
			.uid = ancestor->uid,
			.ns_pid = ancestor->ns_pid,
			.ns_tid = ancestor->ns_pid,
			.gid = ID_UNKNOWN,
			.command_line = tasks_command_line(tasks, writer, &owner),
		};

		task.process_comm = task.comm;
		parent = dz_writer_task(writer, &task);
	}
	return parent;
}

static uint64_t tasks_unknown_lines(const struct tasks *tasks)
{
	return tasks->lines ? command_lines_unknown(tasks->lines) : 0;
}

static uint32_t tasks_ancestors(struct tasks *tasks, struct dz_writer *writer,
				const void *ancestors, size_t count)
{
	struct event_ancestor copy[EVENT_ANCESTORS_MAX];
	struct cached_ancestors *entry;
	uint64_t hash;

	if (count == 0 || count > EVENT_ANCESTORS_MAX)
		return 0;
	memcpy(copy, ancestors, count * sizeof(copy[0]));
	hash = (copy[0].process_start_ns ^ copy[0].pid) * 0x9e3779b97f4a7c15u;
	entry = &tasks->cache[(size_t)(hash >> 32) % ANCESTORS_CACHED];
	if (entry->count != count || memcmp(entry->ancestors, copy, count * sizeof(copy[0])) != 0) {
		const uint64_t unknown = tasks_unknown_lines(tasks);

		entry->reference = tasks_build_ancestors(tasks, writer, copy, count);
		/* Later ones have the command lines that are not there yet. */
		entry->count = tasks_unknown_lines(tasks) == unknown ? count : 0;
		memcpy(entry->ancestors, copy, count * sizeof(copy[0]));
	}
	return entry->reference;
}

uint32_t tasks_intern(struct tasks *tasks, struct dz_writer *writer, const struct event_task *task,
		      const void *ancestors, size_t count)
{
	const struct command_line_owner owner = {task->process_start_ns, task->pid,
						 task->process_comm};
	struct dz_task row = {
		.pid = task->pid,
		.tid = task->tid,
		.process_start = tasks_start(task->process_start_ns),
		.start = tasks_start(task->start_ns),
		.comm = tasks_comm(writer, task->comm),
		.parent = tasks_ancestors(tasks, writer, ancestors, count),
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
