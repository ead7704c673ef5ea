/* record/output/disk_sync.h - brings a file to the disk on a thread of its own
 *
 * A disk may take seconds for it. Who reads rings cannot wait so long: stacks would come too late
 * for their events, and the rings would fill.
 */
#ifndef RECORD_OUTPUT_DISK_SYNC_H
#define RECORD_OUTPUT_DISK_SYNC_H

#include <stdbool.h>

struct disk_sync;

/* Starts the thread, which calls `begin_thread` first unless that is NULL. NULL if there is no
 * memory, or no thread to be had. */
struct disk_sync *disk_sync_new(bool (*begin_thread)(void));

/* Waits for what is under way. NULL is allowed. */
void disk_sync_free(struct disk_sync *sync);

/* Begins to bring to the disk what was written to the file by now. `fd` is borrowed until
 * disk_sync_ended() or disk_sync_wait() has told the end of it. Not while one is under way. */
void disk_sync_begin(struct disk_sync *sync, int fd);

/* Whether the last one has ended, without waiting; *ret_error is 0 then, or the errno of it. */
bool disk_sync_ended(struct disk_sync *sync, int *ret_error);

/* Waits for the end of the last one. Returns 0, or the errno of it. */
int disk_sync_wait(struct disk_sync *sync);

/* In the calling thread. Returns 0 or an errno. A file that has no disk, as a pipe, has nothing to
 * bring there, which is no error. */
int disk_sync_now(int fd);

#endif
