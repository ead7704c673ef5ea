/* record/convert/tasks.h - tasks of BPF records to tasks of a file, with their ancestors */
#ifndef RECORD_CONVERT_TASKS_H
#define RECORD_CONVERT_TASKS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/convert/cgroup_paths.h"
#include "record/convert/command_lines.h"
#include <dz/writer.h>

struct tasks;

/* Borrows the control groups. Returns NULL on allocation failure. */
struct tasks *tasks_new(struct cgroups *cgroups);

/* Adds command lines to tasks from now on, as far as they are known; borrowed. */
void tasks_use_command_lines(struct tasks *tasks, struct command_lines *lines);

/* Makes all references invalid, as there is a new generation. */
void tasks_forget(struct tasks *tasks);

/* Returns the reference of a task with `count` ancestors, parent first. They may be unaligned; a
 * count of 0: unknown. */
uint32_t tasks_intern(struct tasks *tasks, struct dz_writer *writer, const struct event_task *task,
		      const void *ancestors, size_t count);

/* NULL is allowed. Does not free control groups and command lines. */
void tasks_free(struct tasks *tasks);

#endif
