/* record/output/disk_queue.h - operations on files, in memory shared by two processes
 *
 * The recorder adds operations, and one process at a time carries them out in their order: the one
 * that writes, or the recorder itself if that has ended. The memory survives both, so that the next
 * one continues with the first operation that is not done. Each operation can be repeated.
 */
#ifndef RECORD_OUTPUT_DISK_QUEUE_H
#define RECORD_OUTPUT_DISK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Most bytes that wait. Only the pages in use take memory. */
#define DISK_QUEUE_BYTES (16u << 20)
/* Most bytes of one operation. */
#define DISK_QUEUE_PIECE_BYTES (1u << 20)
/* Files that are open at the same time: the current one, and the next one during a change. */
#define DISK_QUEUE_FILES 2u

enum disk_operation_kind {
	DISK_OPERATION_SKIP,    /* nothing: the next one is at the start of the memory */
	DISK_OPERATION_FILE,    /* use the next file, which has `offset` bytes */
	DISK_OPERATION_WRITE,   /* write the bytes at `offset` */
	DISK_OPERATION_SYNC,    /* start a sync */
	DISK_OPERATION_PUBLISH, /* sync the directory */
	DISK_OPERATION_SETTLE,  /* sync, and wait for it for a while */
	DISK_OPERATION_SPACE,   /* look for the free space */
	DISK_OPERATION_CLOSE,   /* sync, wait, close; on failure truncate to `offset` unless 0 */
	DISK_OPERATION_COUNT,
};

struct disk_operation {
	uint64_t offset;
	uint32_t size_bytes; /* that follow */
	uint32_t file;       /* number of the file, from 1 on */
	uint8_t kind;        /* enum disk_operation_kind */
	bool is_last;        /* WRITE: the end of a block */
	uint8_t unused[14];
};

/* A file as it is known by both processes. */
struct disk_file {
	_Atomic uint32_t number; /* 0: none */
	_Atomic int error;       /* errno of what failed first; 0: nothing did */
	_Atomic uint64_t bytes;  /* of complete blocks */
	_Atomic uint64_t synced_bytes;
};

struct disk_queue {
	_Atomic uint64_t added; /* bytes of all operations */
	_Atomic uint64_t done;
	_Atomic uint64_t
		progress_ns; /* CLOCK_BOOTTIME: the last operation ended, or the first was added */
	_Atomic uint64_t space_bytes; /* free in the file system; UINT64_MAX: unknown */
	_Atomic uint64_t cpu_ns;      /* CPU time of the process that writes */
	_Atomic uint32_t closed;      /* number of the file that was closed last */
	_Atomic bool is_idle;         /* the process that writes waits for a wake-up */
	_Atomic bool is_taken;        /* the recorder carries out the operations */
	_Atomic bool is_ending;       /* nothing more comes */
	struct disk_file files[DISK_QUEUE_FILES];
	_Alignas(64) uint8_t bytes[DISK_QUEUE_BYTES];
};

/* Returns shared memory, which fork() passes on; NULL on allocation failure. */
struct disk_queue *disk_queue_new(void);

/* Unmaps it. NULL is allowed. */
void disk_queue_free(struct disk_queue *queue);

/* Returns the bytes that wait. */
size_t disk_queue_used(const struct disk_queue *queue);

/* Copies an operation and its bytes, which are in `count` pieces. Returns false if there is no
 * space. */
bool disk_queue_add(struct disk_queue *queue, const struct disk_operation *operation,
		    const struct iovec *pieces, int count);

/* Returns the first operation that is not done, which the caller must not change, and its bytes;
 * NULL: there is none. It is valid until disk_queue_end_first(). */
const struct disk_operation *disk_queue_first(struct disk_queue *queue, const uint8_t **ret_bytes);

/* Notes that the first operation is done. */
void disk_queue_end_first(struct disk_queue *queue);

/* Returns the state of a file. */
struct disk_file *disk_queue_file(struct disk_queue *queue, uint32_t number);

#endif
