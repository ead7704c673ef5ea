/* record/probe_tasks.c - the tasks that hits of probes name: a hash table in order of last use */
#include "record/probe_tasks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define PROBE_TASK_BUCKETS 8192u

struct entry {
	struct probe_task task;
	LIST_ENTRY(entry) in_bucket;
	TAILQ_ENTRY(entry) in_order;
};

struct probe_tasks {
	LIST_HEAD(bucket, entry) buckets[PROBE_TASK_BUCKETS];
	TAILQ_HEAD(order, entry) order; /* the last used is the first */
	size_t count;
};

struct probe_tasks *probe_tasks_new(void)
{
	struct probe_tasks *tasks = calloc(1, sizeof(*tasks));

	if (tasks)
		TAILQ_INIT(&tasks->order);
	return tasks;
}

/* Thread numbers are given out in turn, so they are spread well as they are. */
static size_t bucket_of(uint32_t tid)
{
	return tid % PROBE_TASK_BUCKETS;
}

static struct entry *find(struct probe_tasks *tasks, uint32_t tid, uint64_t start_ns)
{
	struct entry *entry;

	LIST_FOREACH(entry, &tasks->buckets[bucket_of(tid)], in_bucket)
	{
		if (entry->task.task.tid == tid && entry->task.task.start_ns == start_ns)
			return entry;
	}
	return NULL;
}

static struct entry *unlink_oldest(struct probe_tasks *tasks)
{
	struct entry *oldest = TAILQ_LAST(&tasks->order, order);

	TAILQ_REMOVE(&tasks->order, oldest, in_order);
	LIST_REMOVE(oldest, in_bucket);
	tasks->count--;
	return oldest;
}

bool probe_tasks_learn(struct probe_tasks *tasks, const struct event_task *task,
		       const void *ancestors, size_t ancestor_count)
{
	struct entry *entry = find(tasks, task->tid, task->start_ns);

	if (!entry) {
		entry = tasks->count < PROBE_TASKS_MAX ? malloc(sizeof(*entry))
						       : unlink_oldest(tasks);
		if (!entry)
			return false;
		LIST_INSERT_HEAD(&tasks->buckets[bucket_of(task->tid)], entry, in_bucket);
		TAILQ_INSERT_HEAD(&tasks->order, entry, in_order);
		tasks->count++;
	}
	memset(&entry->task, 0, sizeof(entry->task));
	entry->task.task = *task;
	entry->task.ancestor_count =
		ancestor_count < EVENT_ANCESTORS_MAX ? ancestor_count : EVENT_ANCESTORS_MAX;
	if (entry->task.ancestor_count)
		memcpy(entry->task.ancestors, ancestors,
		       entry->task.ancestor_count * sizeof(entry->task.ancestors[0]));
	return true;
}

struct probe_task *probe_tasks_find(struct probe_tasks *tasks, uint32_t tid, uint64_t start_ns)
{
	struct entry *entry = find(tasks, tid, start_ns);

	if (!entry)
		return NULL;
	if (entry != TAILQ_FIRST(&tasks->order)) {
		TAILQ_REMOVE(&tasks->order, entry, in_order);
		TAILQ_INSERT_HEAD(&tasks->order, entry, in_order);
	}
	return &entry->task;
}

void probe_tasks_free(struct probe_tasks *tasks)
{
	if (!tasks)
		return;
	while (tasks->count)
		free(unlink_oldest(tasks));
	free(tasks);
}
