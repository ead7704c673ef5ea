/* record/convert/tasks.h - tasks of the kernel side to tasks of a file, with their ancestors */
#ifndef RECORD_CONVERT_TASKS_H
#define RECORD_CONVERT_TASKS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/convert/cgroup_paths.h"
#include "record/convert/command_lines.h"
#include <dz/writer.h>

struct tasks;

/* Borrows the control groups. NULL without memory. */
struct tasks *tasks_new(struct cgroups *cgroups);

/* From now on tasks have their command lines, as far as they are known; borrowed. */
void tasks_use_command_lines(struct tasks *tasks, struct command_lines *lines);

/* The references given out so far have become stale. */
void tasks_forget(struct tasks *tasks);

/* The reference of a task whose parent, grandparent and so on are `ancestors`; these need not be
 * aligned, and may be none if they are not known. */
uint32_t tasks_intern(struct tasks *tasks, struct dz_writer *writer, const struct event_task *task,
		      const void *ancestors, size_t count);

/* NULL is allowed. Control groups and command lines stay the caller's. */
void tasks_free(struct tasks *tasks);

#endif
