/* record/probe_tasks.h - the tasks that hits of probes name
 *
 * The kernel side tells of a task once; it is kept here for the hits that follow. The longest
 * unused gives way when there are too many.
 */
#ifndef RECORD_PROBE_TASKS_H
#define RECORD_PROBE_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

#define PROBE_TASKS_MAX 32768u

struct probe_tasks;

struct probe_task {
	struct event_task task;
	struct event_ancestor ancestors[EVENT_ANCESTORS_MAX];
	size_t ancestor_count;
	/* The caller's; all 0 after the task was told of. */
	uint32_t reference; /* of the task in a file */
	uint32_t generation;
	uint32_t epoch;
};

/* NULL without memory. */
struct probe_tasks *probe_tasks_new(void);

/* Takes a copy of what was told; `ancestors` need not be aligned. False without memory. */
bool probe_tasks_learn(struct probe_tasks *tasks, const struct event_task *task,
		       const void *ancestors, size_t ancestor_count);

/* The task with that number that started then; NULL if nothing is known of it. Valid until the next
 * call of probe_tasks_learn(). */
struct probe_task *probe_tasks_find(struct probe_tasks *tasks, uint32_t tid, uint64_t start_ns);

/* NULL is allowed. */
void probe_tasks_free(struct probe_tasks *tasks);

#endif
