/* record/stacks/mmap_tracker.h - tracks the mappings of every process, from perf records and /proc
 *
 * One thread uses it; only the file cache is thread-safe. Order of use: open, scan once; then
 * repeatedly read, advance to each time of interest in ascending order, and take snapshots.
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
	size_t ring_bytes; /* per CPU, a power of two of at least a page */
	size_t open_files_max;
	struct process_maps_limits limits;
};

struct mmap_tracker_statistics {
	uint64_t changes;
	uint64_t missed; /* records that the kernel dropped as a ring was full */
	uint64_t scanned;
	struct process_maps_statistics processes;
	struct mapped_file_cache_statistics files;
};

struct cpu_hotplug;
struct mmap_tracker;

/* Returns IO and sets errno if the kernel refuses, NO_MEMORY on allocation failure. */
MUST_CHECK enum symbols_status mmap_tracker_open(const struct mmap_tracker_options *options,
						 struct mmap_tracker **ret_tracker);
/* All snapshots must have been released. NULL is allowed. */
void mmap_tracker_close(struct mmap_tracker *tracker);

/* From now on a helper process opens all files, and reads mappings. Its thread must have ended
 * before mmap_tracker_close(). Borrows it. Returns NO_MEMORY or IO on failure. */
MUST_CHECK enum symbols_status mmap_tracker_use_reader(struct mmap_tracker *tracker,
						       struct file_reader *reader);

/* Returns a descriptor that is readable when a ring is a quarter full, or when mappings were read.
 * The tracker owns it. */
int mmap_tracker_descriptor(const struct mmap_tracker *tracker);

/* Returns the file cache. The tracker owns it. */
struct mapped_file_cache *mmap_tracker_files(struct mmap_tracker *tracker);

/* Begins to have the mappings of all processes read from /proc, and does not wait: calls of
 * mmap_tracker_rescan() go on. Without a reader, mappings are those of records alone. */
void mmap_tracker_scan(struct mmap_tracker *tracker);

/* Waits until all were read, at most for this time. */
void mmap_tracker_await_scan(struct mmap_tracker *tracker, uint64_t wait_ns);

/* Goes on with a scan. Scans again if records were missed, or if processes were forgotten to save
 * memory, and if the last scan was long enough ago. Call after mmap_tracker_read(). */
void mmap_tracker_rescan(struct mmap_tracker *tracker, uint64_t now_ns);

/* Reads new perf records, takes mappings that were read, and opens files that are new. */
void mmap_tracker_read(struct mmap_tracker *tracker);

/* Opens rings for CPUs that have come online, and scans if there are any. */
void mmap_tracker_follow_cpus(struct mmap_tracker *tracker, struct cpu_hotplug *hotplug);

/* Applies the changes that were read, up to this time; CLOCK_BOOTTIME. */
void mmap_tracker_advance(struct mmap_tracker *tracker, uint64_t until_ns);

/* Returns a new reference to the mappings of the process with this ID and start time, at the time
 * that was advanced to; NULL if they are not known. */
struct mapping_set *mmap_tracker_snapshot(struct mmap_tracker *tracker, uint32_t pid,
					  uint64_t start_ns);

/* Sets the user of a process, as process_maps_set_user(). */
void mmap_tracker_set_user(struct mmap_tracker *tracker, uint32_t pid,
			   const struct file_user *user);

/* Returns whether records were missed, so that mappings may be unknown for that reason. */
bool mmap_tracker_has_missed(const struct mmap_tracker *tracker);

/* Returns a new reference to the perf map of the set's process; NULL if it has no generated code,
 * or no perf map. CLOCK_BOOTTIME. */
struct jit_map *mmap_tracker_jit_map(const struct mmap_tracker *tracker,
				     const struct mapping_set *set, uint64_t time_ns);

/* Returns a new set with the one mapping of this process that contains `address`; NULL if there is
 * none. */
struct mapping_set *mmap_tracker_own_file(struct mmap_tracker *tracker, uint64_t address);

/* Has the mappings read that a process has now, by /proc, and does not wait. */
void mmap_tracker_request(struct mmap_tracker *tracker, uint32_t pid);

/* Takes the mappings of a request that has ended: the caller must release the set. Returns NULL if
 * there are none. */
struct mapping_set *mmap_tracker_take_requested(struct mmap_tracker *tracker);

/* Returns whether nothing was read since the last call, and nothing is under way: then
 * mmap_tracker_read() can wait until the descriptor is readable, or for some seconds. */
bool mmap_tracker_is_quiet(struct mmap_tracker *tracker);

/* Removes what is not needed any more. Call every few seconds. */
void mmap_tracker_sweep(struct mmap_tracker *tracker, uint64_t now_ns);

/* Returns the sums since the tracker was opened, and current values. */
void mmap_tracker_get_statistics(const struct mmap_tracker *tracker,
				 struct mmap_tracker_statistics *ret_statistics);

#endif
