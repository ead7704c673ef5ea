/* record/convert/probe_tasks.h - tasks that hits of probes refer to by number
 *
 * A BPF program describes a task once, with a number, and again before PROBE_TASKS_MAX other
 * descriptions follow. A description is kept that long here.
 */
#ifndef RECORD_CONVERT_PROBE_TASKS_H
#define RECORD_CONVERT_PROBE_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

struct probe_tasks;

struct probe_task {
	struct event_task task;
	struct event_ancestor ancestors[EVENT_ANCESTORS_MAX];
	size_t ancestor_count;
	uint32_t number;
	/* Set by the caller; 0 in a new task. */
	uint32_t reference; /* of the task in a file */
	uint32_t generation;
	uint32_t epoch;
};

/* Returns NULL on allocation failure. */
struct probe_tasks *probe_tasks_new(void);

/* Copies a description; `ancestors` may be unaligned. Returns false on allocation failure. */
bool probe_tasks_learn(struct probe_tasks *tasks, const struct event_probe_task *event,
		       const void *ancestors, size_t ancestor_count);

/* Returns the task with this number; NULL if there is none. Valid until the next call of
 * probe_tasks_learn(). */
struct probe_task *probe_tasks_find(struct probe_tasks *tasks, uint32_t number);

/* NULL is allowed. */
void probe_tasks_free(struct probe_tasks *tasks);

#endif
