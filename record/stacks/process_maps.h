/* record/stacks/process_maps.h - what is mapped in every process, as of the last change that was
 * applied
 *
 * Changes must be applied in the order of their times. Whoever wants the mappings of time T applies
 * the changes up to T and then takes a snapshot: there is no history to search.
 *
 * When changes are missing nobody knows whose they were, and a process that has executed another
 * program would have the names of the one before. So what was known before is not known any more
 * until the process is found anew, or executes a program.
 */
#ifndef RECORD_STACKS_PROCESS_MAPS_H
#define RECORD_STACKS_PROCESS_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/stacks/mapping_set.h"
#include "record/stacks/perf_record.h"
#include "symbols/mappings.h"
#include "symbols/status.h"

struct map_change {
	uint64_t time_ns;           /* CLOCK_BOOTTIME */
	enum perf_record_what what; /* MAPPED, EXECUTED, FORKED, ENDED or MISSED */
	uint64_t until_ns;          /* of MISSED: from time_ns until then, changes may be missing */
	uint32_t pid;
	uint32_t tid;
	uint32_t parent_pid;
	bool executable;        /* of MAPPED */
	struct mapping mapping; /* of MAPPED */
};

struct process_maps_limits {
	size_t processes;
	size_t memory_bytes; /* of all mappings together */
};

struct process_maps_statistics {
	size_t processes;
	size_t memory_bytes;
	uint64_t evicted; /* processes forgotten to keep the limits */
	uint64_t failed;  /* changes that could not be applied for lack of memory */
};

struct process_maps;

/* Without any process at first. The limits are copied. NO_MEMORY. */
MUST_CHECK enum symbols_status process_maps_new(const struct process_maps_limits *limits,
						struct process_maps **ret_maps);
/* NULL is allowed. No snapshot may be left. */
void process_maps_free(struct process_maps *maps);

/* Copies what it needs of the change, which stays the caller's. */
void process_maps_apply(struct process_maps *maps, const struct map_change *change);

/* A process as it was found: takes over the reference to `set`, whose mappings were read at some
 * time after `time_ns`; changes of that process before `time_ns` will be left out. */
struct process_found {
	uint32_t pid;
	uint32_t threads;
	uint64_t start_ns; /* CLOCK_BOOTTIME, as exact as /proc tells it */
	uint64_t time_ns;
	struct mapping_set *set;
};

/* Takes the place of what was known of that process. Without memory the process is not known, and
 * the reference is released all the same. */
void process_maps_add(struct process_maps *maps, const struct process_found *found);

/* Memory account for sets that are passed to process_maps_add(); belongs to the maps. */
struct mapping_account *process_maps_account(struct process_maps *maps);

/* The mappings of the process with that number and start, with a new reference; NULL if it is not
 * known, or only another one that had the number before, or changes of it may be missing. */
struct mapping_set *process_maps_snapshot(struct process_maps *maps, uint32_t pid,
					  uint64_t start_ns);

/* Forgets processes whose first thread ended and of which `is_gone` says that they are no more:
 * their other threads were not all counted. */
void process_maps_sweep(struct process_maps *maps, bool (*is_gone)(uint32_t pid));

/* What is known now, and sums since the maps were made. */
void process_maps_get_statistics(const struct process_maps *maps,
				 struct process_maps_statistics *ret_statistics);

#endif
