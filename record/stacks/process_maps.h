/* record/stacks/process_maps.h - mappings of every process, as of the last applied change
 *
 * Changes must be applied in the order of their times. For the mappings at time T, apply all
 * changes up to T and take a snapshot: there is no history to search.
 *
 * Missed changes can belong to any process, and a process that has executed another program would
 * get the names of the old one. Therefore all mappings become unknown, until the process is scanned
 * again or executes a program.
 *
 * Example: process 7 was scanned at 10 s. Changes between 12 s and 13 s were missed. A snapshot at
 * 15 s returns NULL, as valid data starts at 10 s, before 13 s. At 16 s process 7 executes a
 * program: its mappings are complete from then on, and snapshots return them.
 */
#ifndef RECORD_STACKS_PROCESS_MAPS_H
#define RECORD_STACKS_PROCESS_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/stacks/file_reader.h"
#include "record/stacks/mapping_set.h"
#include "record/stacks/perf_record.h"
#include "symbols/mappings.h"
#include "symbols/status.h"

struct map_change {
	uint64_t time_ns;           /* CLOCK_BOOTTIME */
	enum perf_record_kind kind; /* MAPPED, EXECUTED, FORKED, ENDED or MISSED */
	uint64_t until_ns;          /* of MISSED: end of the time in which changes may be missing */
	uint32_t pid;
	uint32_t tid;
	uint32_t parent_pid;
	bool executable;        /* of MAPPED */
	struct mapping mapping; /* of MAPPED */
};

/* Beyond a limit, the user with the most gives way, and of that user the process with the largest
 * mappings; of equal ones the one that changed least recently. So neither a large process nor many
 * small ones cost others theirs. A user is one as in user_use.h. */
struct process_maps_limits {
	size_t processes;
	size_t memory_bytes; /* of all mappings together */
};

struct process_maps_statistics {
	size_t processes;
	size_t memory_bytes;
	uint64_t evicted; /* processes removed to keep the limits */
	uint64_t failed;  /* changes that were not applied: out of memory */
};

struct process_maps;

/* Creates maps without processes. Copies the limits. Returns NO_MEMORY on allocation failure. */
MUST_CHECK enum symbols_status process_maps_new(const struct process_maps_limits *limits,
						struct process_maps **ret_maps);
/* All snapshots must have been released. NULL is allowed. */
void process_maps_free(struct process_maps *maps);

/* Applies a change; copies what it needs. */
void process_maps_apply(struct process_maps *maps, const struct map_change *change);

/* A process that was scanned. Its mappings were read after time_ns. */
struct process_found {
	uint32_t pid;
	uint32_t threads;
	uint64_t start_ns; /* CLOCK_BOOTTIME, with the precision of /proc */
	uint64_t time_ns;
	struct file_user user;
	struct mapping_set *set;
};

/* Replaces what is known of that process. Takes ownership of the reference to found->set. Changes
 * of the process before found->time_ns will be ignored. On allocation failure, the process stays
 * unknown. */
void process_maps_add(struct process_maps *maps, const struct process_found *found);

/* Sets the user of a process with this ID, if one is known; processes that it forks have the same.
 */
void process_maps_set_user(struct process_maps *maps, uint32_t pid, const struct file_user *user);

/* Returns the user of a process, as far as it is known; reads no file. */
struct file_user process_maps_user(struct process_maps *maps, uint32_t pid);

/* Returns the account for sets that are passed to process_maps_add(). The maps own it. */
struct mapping_account *process_maps_account(struct process_maps *maps);

/* Returns a new reference to the mappings of the process with this ID and start time. Returns NULL
 * if only another process with this ID is known, or none, or if changes may be missing. */
struct mapping_set *process_maps_snapshot(struct process_maps *maps, uint32_t pid,
					  uint64_t start_ns);

/* Removes processes whose first thread has ended and for which `is_gone` returns true: the exits of
 * their other threads were not all seen. */
void process_maps_sweep(struct process_maps *maps, bool (*is_gone)(uint32_t pid));

/* Returns current values, and sums since the maps were created. */
void process_maps_get_statistics(const struct process_maps *maps,
				 struct process_maps_statistics *ret_statistics);

#endif
