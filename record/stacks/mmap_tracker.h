/* record/stacks/mmap_tracker.h - follows what every process maps, from the kernel's own records and
 * /proc
 *
 * Belongs to one thread, except for the file keeper. Order of use: open, scan once, then again and
 * again read, advance to each time of interest in ascending order, and take snapshots.
 */
#ifndef RECORD_MAP_WATCH_H
#define RECORD_MAP_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "record/stacks/jit_maps.h"
#include "record/stacks/mapped_file_cache.h"
#include "record/stacks/mapping_set.h"
#include "record/stacks/process_maps.h"
#include "symbols/status.h"

struct map_watch_options {
	size_t ring_bytes; /* of each CPU; a power of two of at least a page */
	size_t open_files_max;
	struct process_maps_limits limits;
};

struct map_watch_statistics {
	uint64_t changes;
	uint64_t missed; /* records that had no room in a ring */
	uint64_t scanned;
	struct process_maps_statistics processes;
	struct file_keeper_statistics files;
};

struct cpu_events;
struct map_watch;

/* IO with errno if the kernel refuses. */
MUST_CHECK enum symbols_status map_watch_open(const struct map_watch_options *options,
					      struct map_watch **ret_watch);
/* NULL is allowed. No snapshot may be left. */
void map_watch_close(struct map_watch *watch);

/* Readable when a ring is half full; belongs to the watch. */
int map_watch_descriptor(const struct map_watch *watch);

/* Belongs to the watch. */
struct file_keeper *map_watch_files(struct map_watch *watch);

/* Reads from /proc what the processes have mapped that are there already. */
void map_watch_scan(struct map_watch *watch);

/* Takes in the records that have come, and opens files that were never seen before. */
void map_watch_read(struct map_watch *watch);

/* Watches CPUs that have come since they were looked at, and scans if there are any. */
void map_watch_follow_cpus(struct map_watch *watch, struct cpu_events *events);

/* Applies what was read and happened until then; CLOCK_BOOTTIME. */
void map_watch_advance(struct map_watch *watch, uint64_t until_ns);

/* What the process with that number and start had mapped at the time that was advanced to, with a
 * new reference; NULL if that is not known. */
struct mapping_set *map_watch_snapshot(struct map_watch *watch, uint32_t pid, uint64_t start_ns);

/* The names of code that the set's process had made, with a new reference; NULL if it has made none
 * or does not tell. CLOCK_BOOTTIME. */
struct jit_map *map_watch_jit_map(const struct map_watch *watch, const struct mapping_set *set,
				  uint64_t time_ns);

/* The mappings of one file of this very process, with a new reference: that which holds `address`.
 * NULL if there is none. */
struct mapping_set *map_watch_own_file(struct map_watch *watch, uint64_t address);

/* To be called every few seconds: forgets what is not needed any more and, after records were
 * missed, scans again. */
void map_watch_sweep(struct map_watch *watch, uint64_t now_ns);

/* Sums since it was opened, and what is held now. */
void map_watch_get_statistics(const struct map_watch *watch,
			      struct map_watch_statistics *ret_statistics);

#endif
