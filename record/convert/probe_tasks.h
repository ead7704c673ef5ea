/* record/convert/probe_tasks.h - the tasks that hits of probes name
 *
 * The kernel side tells of a task once, with a number, and again before PROBE_TASKS_MAX others have
 * been told of; here it is kept for so long.
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
	/* The caller's; all 0 after the task was told of. */
	uint32_t reference; /* of the task in a file */
	uint32_t generation;
	uint32_t epoch;
};

/* NULL without memory. */
struct probe_tasks *probe_tasks_new(void);

/* Takes a copy of what was told; `ancestors` need not be aligned. False without memory. */
bool probe_tasks_learn(struct probe_tasks *tasks, const struct event_probe_task *told,
		       const void *ancestors, size_t ancestor_count);

/* The task that was told of with that number; NULL if there is none. Valid until the next call of
 * probe_tasks_learn(). */
struct probe_task *probe_tasks_find(struct probe_tasks *tasks, uint32_t number);

/* NULL is allowed. */
void probe_tasks_free(struct probe_tasks *tasks);

#endif
