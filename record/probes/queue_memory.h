/* record/probes/queue_memory.h - maps the memory of the per-CPU queues of hits */
#ifndef RECORD_PROBES_QUEUE_MEMORY_H
#define RECORD_PROBES_QUEUE_MEMORY_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/probes/hit_queue.h"

struct diag_bpf;

/* Maps the queues of loaded programs; cpu_count and capacity must be those of their BPF maps.
 * Returns false and sets *ret_problem on failure. */
bool queue_memory_map(const struct diag_bpf *skeleton, struct hit_queue_memory *queue,
		      struct problem *ret_problem);

/* Unmaps what is mapped. Can be called again. */
void queue_memory_unmap(struct hit_queue_memory *queue);

#endif
