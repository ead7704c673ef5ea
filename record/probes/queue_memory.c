/* record/probes/queue_memory.c - maps the memory of the per-CPU queues of hits */
#include "record/probes/queue_memory.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "diag.skel.h"

static size_t cpus_bytes(const struct hit_queue_memory *queue)
{
	return queue->cpu_count * sizeof(struct probe_cpu);
}

static size_t hits_bytes(const struct hit_queue_memory *queue)
{
	return (size_t)queue->cpu_count * queue->capacity * sizeof(struct probe_queued);
}

/* Returns false and sets errno on failure. */
static bool map_memory(const struct bpf_map *map, size_t bytes, int protection, void **ret_memory)
{
	void *memory = mmap(NULL, bytes, protection, MAP_SHARED, bpf_map__fd(map), 0);

	if (memory == MAP_FAILED)
		return false;
	*ret_memory = memory;
	return true;
}

bool queue_memory_map(const struct diag_bpf *skeleton, struct hit_queue_memory *queue,
		      struct problem *ret_problem)
{
	void *cpus, *hits;

	if (!map_memory(skeleton->maps.probe_cpus, cpus_bytes(queue), PROT_READ | PROT_WRITE,
			&cpus))
		return problem_set(ret_problem, "cannot map the BPF map of probe counters: %s",
				   strerror(errno));
	queue->cpus = cpus;
	if (!map_memory(skeleton->maps.probe_queues, hits_bytes(queue), PROT_READ, &hits))
		return problem_set(ret_problem, "cannot map the BPF map of probe queues: %s",
				   strerror(errno));
	queue->hits = hits;
	return true;
}

void queue_memory_unmap(struct hit_queue_memory *queue)
{
	if (queue->cpus)
		(void)munmap(queue->cpus, cpus_bytes(queue));
	if (queue->hits)
		(void)munmap(queue->hits, hits_bytes(queue));
	queue->cpus = NULL;
	queue->hits = NULL;
}
