/* record/probes/queue_memory.h - the memory of the queues of hits, which both sides see */
#ifndef RECORD_PROBES_QUEUE_MEMORY_H
#define RECORD_PROBES_QUEUE_MEMORY_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/probes/hit_queue.h"

struct diag_bpf;

/* Maps the queues of loaded programs: cpu_count and room are those of their maps. */
bool queue_memory_map(const struct diag_bpf *skeleton, struct hit_queue_memory *queue,
		      struct problem *ret_problem);

/* What is not mapped is left alone. */
void queue_memory_unmap(struct hit_queue_memory *queue);

#endif
