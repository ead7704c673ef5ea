/* record/probes/hit_queue.c - reads hits of probes from per-CPU queues, in the order of their times
 */
#include "record/probes/hit_queue.h"

#include <stdlib.h>

#define HITS_FREED 1024u /* entries that are freed at once */

struct one_queue {
	struct probe_cpu *cpu;
	const struct probe_queued *hits;
	uint32_t number;
	uint64_t next;
	uint64_t end; /* as of hit_queue_look() */
};

struct hit_queue {
	struct hit_queue_memory memory;
	struct one_queue *filled; /* those that have hits */
	size_t filled_count;
};

struct hit_queue *hit_queue_new(const struct hit_queue_memory *memory)
{
	struct hit_queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return NULL;
	queue->memory = *memory;
	queue->filled = calloc(memory->cpu_count, sizeof(queue->filled[0]));
	if (!queue->filled) {
		free(queue);
		return NULL;
	}
	return queue;
}

void hit_queue_look(struct hit_queue *queue)
{
	const struct hit_queue_memory *memory = &queue->memory;

	queue->filled_count = 0;
	for (uint32_t i = 0; i < memory->cpu_count; i++) {
		struct probe_cpu *cpu = &memory->cpus[i];
		const struct one_queue one = {
			.cpu = cpu,
			.hits = &memory->hits[(size_t)i * memory->capacity],
			.number = i,
			.next = cpu->consumed,
			.end = __atomic_load_n(&cpu->produced, __ATOMIC_ACQUIRE),
		};

		if (one.next != one.end)
			queue->filled[queue->filled_count++] = one;
	}
}

static const struct probe_queued *first_of(const struct hit_queue *queue,
					   const struct one_queue *one)
{
	return &one->hits[one->next & (queue->memory.capacity - 1)];
}

/* Returns the queue with the earliest hit, and sets *ret_until_ns to the earliest time in the
 * others. */
static struct one_queue *earliest(const struct hit_queue *queue, uint64_t *ret_until_ns)
{
	struct one_queue *found = &queue->filled[0];
	uint64_t found_ns = first_of(queue, found)->time_ns;

	*ret_until_ns = UINT64_MAX;
	for (size_t i = 1; i < queue->filled_count; i++) {
		uint64_t time_ns = first_of(queue, &queue->filled[i])->time_ns;

		if (time_ns < found_ns) {
			*ret_until_ns = found_ns;
			found = &queue->filled[i];
			found_ns = time_ns;
		} else if (time_ns < *ret_until_ns) {
			*ret_until_ns = time_ns;
		}
	}
	return found;
}

static void free_entries(const struct one_queue *one)
{
	__atomic_store_n(&one->cpu->consumed, one->next, __ATOMIC_RELEASE);
}

static bool pass_on(const struct one_queue *one, const struct probe_queued *hit,
		    hit_queue_take *take, void *context)
{
	const struct event_probe_brief record = {
		.header = {.time_ns = hit->time_ns, .cpu = one->number, .kind = EVENT_PROBE_BRIEF},
		.task = hit->task,
		.stack = hit->stack,
		.probe = hit->probe,
	};

	return take(context, &record, sizeof(record));
}

bool hit_queue_read(struct hit_queue *queue, hit_queue_take *take, void *context)
{
	bool taken = true;

	while (taken && queue->filled_count) {
		uint64_t until_ns;
		struct one_queue *one = earliest(queue, &until_ns);

		do {
			taken = pass_on(one, first_of(queue, one), take, context);
			one->next++;
			if (one->next % HITS_FREED == 0)
				free_entries(one);
		} while (taken && one->next != one->end &&
			 first_of(queue, one)->time_ns <= until_ns);
		free_entries(one);
		if (one->next == one->end)
			*one = queue->filled[--queue->filled_count];
	}
	return taken;
}

void hit_queue_free(struct hit_queue *queue)
{
	if (!queue)
		return;
	free(queue->filled);
	free(queue);
}
