/* record/probes/hit_queue.h - reads hits of probes from per-CPU queues, in the order of their times
 *
 * The queues are in memory shared with the BPF programs. The task and the stack of a hit are in the
 * ring buffer of probes before the hit is in a queue.
 *
 * Example with two CPUs: queue 0 has hits of the times 10, 20 and 40, queue 1 of 15 and 50. The
 * earliest is 10; the other queue starts at 15, so queue 0 passes on the hits up to 15, which is
 * only
 * 10. Then queue 1 passes on 15 (up to 20), queue 0 passes on 20 and 40 (up to 50), and queue 1
 * passes on 50.
 */
#ifndef RECORD_PROBES_HIT_QUEUE_H
#define RECORD_PROBES_HIT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

struct hit_queue;

/* `cpus` has cpu_count entries, `hits` has capacity entries for each CPU, a power of two. */
struct hit_queue_memory {
	struct probe_cpu *cpus;
	struct probe_queued *hits;
	uint32_t cpu_count;
	uint32_t capacity;
};

/* Receives one struct event_probe_brief, as from a ring buffer. Returns false to stop reading. */
typedef bool hit_queue_take(void *context, const void *record, size_t size);

/* Borrows the memory that *memory describes. Returns NULL on allocation failure. */
struct hit_queue *hit_queue_new(const struct hit_queue_memory *memory);

/* Stores how far the queues are filled. Tasks and stacks of these hits are in the ring buffer by
 * now: read that next, and then call hit_queue_read(). */
void hit_queue_look(struct hit_queue *queue);

/* Passes the hits up to that point to `take`, in time order, and frees their entries. Returns false
 * if `take` did. */
bool hit_queue_read(struct hit_queue *queue, hit_queue_take *take, void *context);

/* NULL is allowed. */
void hit_queue_free(struct hit_queue *queue);

#endif
