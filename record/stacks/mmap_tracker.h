/* record/stacks/mmap_tracker.h - follows what every process maps, from the kernel's own records and
 * /proc
 *
 * Belongs to one thread, except for the file keeper. Order of use: open, scan once, then again and
 * again read, advance to each time of interest in ascending order, and take snapshots.
 */
#ifndef RECORD_STACKS_MMAP_TRACKER_H
#define RECORD_STACKS_MMAP_TRACKER_H

#include <stddef.h>
#include <stdint.h>

#include "record/stacks/jit_maps.h"
#include "record/stacks/mapped_file_cache.h"
#include "record/stacks/mapping_set.h"
#include "record/stacks/process_maps.h"
#include "symbols/status.h"

struct mmap_tracker_options {
	size_t ring_bytes; /* of each CPU; a power of two of at least a page */
	size_t open_files_max;
	struct process_maps_limits limits;
};

struct mmap_tracker_statistics {
	uint64_t changes;
	uint64_t missed; /* records that had no room in a ring */
	uint64_t scanned;
	struct process_maps_statistics processes;
	struct mapped_file_cache_statistics files;
};

struct cpu_hotplug;
struct mmap_tracker;

/* IO with errno if the kernel refuses. */
MUST_CHECK enum symbols_status mmap_tracker_open(const struct mmap_tracker_options *options,
						 struct mmap_tracker **ret_watch);
/* NULL is allowed. No snapshot may be left. */
void mmap_tracker_close(struct mmap_tracker *watch);

/* Readable when a ring is half full; belongs to the watch. */
int mmap_tracker_descriptor(const struct mmap_tracker *watch);

/* Belongs to the watch. */
struct mapped_file_cache *mmap_tracker_files(struct mmap_tracker *watch);

/* Reads from /proc what the processes have mapped that are there already. */
void mmap_tracker_scan(struct mmap_tracker *watch);

/* Takes in the records that have come, and opens files that were never seen before. */
void mmap_tracker_read(struct mmap_tracker *watch);

/* Watches CPUs that have come since they were looked at, and scans if there are any. */
void mmap_tracker_follow_cpus(struct mmap_tracker *watch, struct cpu_hotplug *events);

/* Applies what was read and happened until then; CLOCK_BOOTTIME. */
void mmap_tracker_advance(struct mmap_tracker *watch, uint64_t until_ns);

/* What the process with that number and start had mapped at the time that was advanced to, with a
 * new reference; NULL if that is not known. */
struct mapping_set *mmap_tracker_snapshot(struct mmap_tracker *watch, uint32_t pid,
					  uint64_t start_ns);

/* The names of code that the set's process had made, with a new reference; NULL if it has made none
 * or does not tell. CLOCK_BOOTTIME. */
struct jit_map *mmap_tracker_jit_map(const struct mmap_tracker *watch,
				     const struct mapping_set *set, uint64_t time_ns);

/* The mappings of one file of this very process, with a new reference: that which holds `address`.
 * NULL if there is none. */
struct mapping_set *mmap_tracker_own_file(struct mmap_tracker *watch, uint64_t address);

/* To be called every few seconds: forgets what is not needed any more and, after records were
 * missed, scans again. */
void mmap_tracker_sweep(struct mmap_tracker *watch, uint64_t now_ns);

/* Sums since it was opened, and what is held now. */
void mmap_tracker_get_statistics(const struct mmap_tracker *watch,
				 struct mmap_tracker_statistics *ret_statistics);

#endif
