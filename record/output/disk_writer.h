/* record/output/disk_writer.h - writes the files of a recording in a helper process
 *
 * A disk can take seconds, or never answer. The recorder puts operations into a disk queue and
 * waits for none. The helper process carries them out; it also ends the file if the recorder is
 * killed, or leaves while the disk does not answer. If the process is stopped or ends, the recorder
 * carries out the operations itself, from then on.
 */
#ifndef RECORD_OUTPUT_DISK_WRITER_H
#define RECORD_OUTPUT_DISK_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/new_file.h"
#include "base/problem.h"

struct disk_writer;

/* How far the disk is at the end of a recording. */
enum disk_end {
	DISK_END_DONE,       /* everything is on the disk, or has failed */
	DISK_END_NOT_SYNCED, /* everything is written, and not synced */
	DISK_END_NOT_WRITTEN,
};

/* Starts the process. Call before starting any thread. Returns false and sets *ret_problem on
 * failure. On success the caller must call disk_writer_free(). */
bool disk_writer_start(struct disk_writer **ret_writer, struct problem *ret_problem);

/* Leaves the process, which ends when nothing waits any more. Waits for it if nothing does. NULL is
 * allowed. */
void disk_writer_free(struct disk_writer *writer);

/* Passes a file of `bytes` bytes to the process and closes it here. Returns its number, for the
 * functions below; 0 on failure, then *file is unchanged. */
uint32_t disk_writer_take(struct disk_writer *writer, struct new_file *file, uint64_t bytes);

/* Adds a block at `offset`. Waits only if the queue is full, and as long as the disk answers.
 * Returns 0 or an errno. */
int disk_writer_write(struct disk_writer *writer, uint32_t number, uint64_t offset,
		      const struct iovec *pieces, int count);

/* Add an operation of the same name in disk_queue.h. */
void disk_writer_sync(struct disk_writer *writer, uint32_t number);
void disk_writer_publish(struct disk_writer *writer, uint32_t number);
void disk_writer_settle(struct disk_writer *writer, uint32_t number);
void disk_writer_close(struct disk_writer *writer, uint32_t number, uint64_t bytes_on_failure);

/* Returns 0, or the errno of what failed first for the file. *ret_bytes is the size of its complete
 * blocks. */
int disk_writer_error(const struct disk_writer *writer, uint32_t number, uint64_t *ret_bytes);

/* Closes files that the process has closed. Call now and then. */
void disk_writer_tidy(struct disk_writer *writer);

/* Looks after the process: reports if it has ended, and writes instead of it from then on. Call
 * after a SIGCHLD. */
void disk_writer_watch(struct disk_writer *writer);

/* Returns whether so much waits that nothing more should be added for now. */
bool disk_writer_is_congested(const struct disk_writer *writer);

/* Returns the free bytes of the file system as of the last look, and asks for the next one if a
 * second has passed, or nine while nothing was written. UINT64_MAX: unknown. */
uint64_t disk_writer_space(struct disk_writer *writer, uint32_t number, uint64_t now_ns);

/* Returns whether the last sync has ended, or failed. One that is asked for while another is under
 * way is left out: then this stays false until it is asked for again. */
bool disk_writer_is_synced(const struct disk_writer *writer);

/* Returns whether nothing waits, the last sync has ended, and disk_writer_space() has returned what
 * it has asked for: then nothing changes until more is added. */
bool disk_writer_is_quiet(const struct disk_writer *writer);

/* Waits for the end of what waits, for at most a second and a half after the disk has last
 * answered. */
enum disk_end disk_writer_finish(struct disk_writer *writer);

/* Returns the bytes that are not written. */
uint64_t disk_writer_waiting_bytes(const struct disk_writer *writer);

/* Returns the process. */
pid_t disk_writer_pid(const struct disk_writer *writer);

/* Returns the CPU time of the process. */
uint64_t disk_writer_cpu_ns(const struct disk_writer *writer);

#endif
