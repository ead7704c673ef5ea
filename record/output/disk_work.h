/* record/output/disk_work.h - carries out the operations of a disk queue
 *
 * This is used in the process that writes, and nothing else waits for the disk.
 */
#ifndef RECORD_OUTPUT_DISK_WORK_H
#define RECORD_OUTPUT_DISK_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "record/output/disk_queue.h"
#include "record/output/disk_sync.h"

/* Files that were sent and not used yet, or are open. */
#define DISK_WORK_FILES 4u

struct disk_work_file {
	uint32_t number; /* 0: none */
	int fd;
	int directory_fd;
};

/* A message on the socket of files. */
struct disk_work_message {
	uint32_t number;
};

/* Must not move while it is in use. */
struct disk_work {
	struct disk_queue *queue; /* borrowed */
	struct disk_sync *sync;   /* borrowed; NULL: wait for each sync */
	int socket;               /* for files */
	bool is_recorder;         /* else the helper process */
	struct disk_work_file files[DISK_WORK_FILES];
	uint32_t syncing; /* number of the file whose sync is under way; 0: none */
	uint64_t syncing_bytes;
};

/* Takes a file from the socket, with its directory. Returns false if none can be had. */
bool disk_work_receive(struct disk_work *work);

/* Carries out all operations that wait, unless the recorder does so now. */
void disk_work_run(struct disk_work *work);

/* Takes the result of a sync that has ended. Returns whether one is under way. */
bool disk_work_is_syncing(struct disk_work *work);

/* The role of the helper process: writes until the recorder has ended, even if that is killed, and
 * nothing waits any more. The context is a struct disk_process without its sync and socket. */
struct disk_process {
	struct disk_work work;
	int wake_fd; /* an eventfd */
};
void disk_work_serve(void *context, int socket);

#endif
