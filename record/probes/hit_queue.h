/* record/probes/hit_queue.h - hits of probes on their way from the kernel: a queue for each CPU, in
 * memory that both sides see
 *
 * What a hit names, its task and its stack, is in the ring of probes before the hit is in a queue.
 */
#ifndef RECORD_PROBES_HIT_QUEUE_H
#define RECORD_PROBES_HIT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

struct hit_queue;

/* `cpus` has cpu_count entries, `hits` so often `room`, which is a power of two. */
struct hit_queue_memory {
	struct probe_cpu *cpus;
	struct probe_queued *hits;
	uint32_t cpu_count;
	uint32_t room;
};

/* Takes one struct event_probe_brief, as the consumer of a ring does. False stops the reading. */
typedef bool hit_queue_take(void *context, const void *record, size_t size);

/* Borrows the memory itself. NULL without memory. */
struct hit_queue *hit_queue_new(const struct hit_queue_memory *memory);

/* Notes how far the queues are filled. What these hits name is in the ring by now. */
void hit_queue_look(struct hit_queue *queue);

/* Passes on the hits that were noted, in order of time, and frees their places. False if `take` has
 * stopped it. */
bool hit_queue_read(struct hit_queue *queue, hit_queue_take *take, void *context);

/* NULL is allowed. */
void hit_queue_free(struct hit_queue *queue);

#endif
