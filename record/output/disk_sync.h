/* record/output/disk_sync.h - syncs a file to the disk on a dedicated thread
 *
 * A disk may take seconds for a sync. The thread that reads the ring buffers cannot wait that long:
 * stacks would be too late for their events, and the buffers would fill.
 */
#ifndef RECORD_OUTPUT_DISK_SYNC_H
#define RECORD_OUTPUT_DISK_SYNC_H

#include <stdbool.h>
#include <stdint.h>

struct disk_sync;

/* Starts the thread, which calls `begin_thread` first unless that is NULL. Returns NULL if the
 * memory cannot be allocated or the thread not started. */
struct disk_sync *disk_sync_new(bool (*begin_thread)(void));

/* Waits for a sync under way, and ends the thread. NULL is allowed. */
void disk_sync_free(struct disk_sync *sync);

/* Starts to sync what was written to the file so far. Borrows `fd` until disk_sync_ended() or
 * disk_sync_wait() reports the end. No other sync may be under way. */
void disk_sync_begin(struct disk_sync *sync, int fd);

/* Returns whether the last sync has ended, without waiting. Then *ret_error is 0 or its errno. */
bool disk_sync_ended(struct disk_sync *sync, int *ret_error);

/* Waits for the end of the last sync. Returns 0 or its errno. */
int disk_sync_wait(struct disk_sync *sync);

/* Waits for the end of the last sync, at most `wait_ns`. Returns whether it has ended; then
 * *ret_error is 0 or its errno. */
bool disk_sync_wait_for(struct disk_sync *sync, uint64_t wait_ns, int *ret_error);

/* Syncs a file in the calling thread. Returns 0 or an errno; 0 also for a file without a disk, such
 * as a pipe. */
int disk_sync_now(int fd);

#endif
