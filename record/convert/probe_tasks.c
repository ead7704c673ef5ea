/* record/convert/probe_tasks.c - tasks that hits of probes refer to by number */
#include "record/convert/probe_tasks.h"

#include <stdlib.h>
#include <string.h>

struct probe_tasks {
	struct probe_task *places[PROBE_TASKS_MAX]; /* NULL: unused */
};

struct probe_tasks *probe_tasks_new(void)
{
	return calloc(1, sizeof(struct probe_tasks));
}

bool probe_tasks_learn(struct probe_tasks *tasks, const struct event_probe_task *event,
		       const void *ancestors, size_t ancestor_count)
{
	struct probe_task **place = &tasks->places[event->number % PROBE_TASKS_MAX];

	if (!*place)
		*place = malloc(sizeof(**place));
	if (!*place)
		return false;
	if (ancestor_count > EVENT_ANCESTORS_MAX)
		ancestor_count = EVENT_ANCESTORS_MAX;
	**place = (struct probe_task){
		.task = event->task,
		.ancestor_count = ancestor_count,
		.number = event->number,
	};
	if (ancestor_count)
		memcpy((*place)->ancestors, ancestors,
		       ancestor_count * sizeof((*place)->ancestors[0]));
	return true;
}

struct probe_task *probe_tasks_find(struct probe_tasks *tasks, uint32_t number)
{
	struct probe_task *task = tasks->places[number % PROBE_TASKS_MAX];

	return task && task->number == number ? task : NULL;
}

void probe_tasks_free(struct probe_tasks *tasks)
{
	if (!tasks)
		return;
	for (size_t i = 0; i < PROBE_TASKS_MAX; i++)
		free(tasks->places[i]);
	free(tasks);
}
