/* record/session/live.h - diag-report, which prints events while they are recorded (--live)
 *
 * A separate program shows the file, in its sandbox. It gets a descriptor of each file over a
 * socket. If its terminal is stopped, only it waits.
 */
#ifndef RECORD_SESSION_LIVE_H
#define RECORD_SESSION_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/options/options.h"
#include "record/output/output.h"

/* Files without a name: a new one starts before one exceeds this, and the one before the previous
 * is emptied. */
#define LIVE_FILE_BYTES (UINT64_C(32) << 20)

/* How often events are written to the file, so that they are shown within a second. */
#define LIVE_FLUSH_NS 150000000u

/* The program looks seldom at a file that has not grown for three times as long, and waits to be
 * woken. See analyze/follow/follow.c. */
#define LIVE_QUIET_NS 1000000000u

struct live;

/* Starts the program, which names the file `path`. Call before signals are blocked, before any
 * thread starts, and while it can be executed. Returns false and sets *ret_problem on failure. On
 * success the caller must call live_finish(). */
bool live_start(const struct options *options, const char *path, struct live **ret_live,
		struct problem *ret_problem);

/* Starts the program that sends deaths to the journal of systemd (--journal), in the same way. With
 * --flight its files are copies of the pieces of the window: see live_send_copy(). */
bool live_start_journal(const struct options *options, const char *path, struct live **ret_live,
			struct problem *ret_problem);

/* Returns whether the files have no name, and live in memory. NULL: no. */
bool live_keeps_no_file(const struct live *live);

/* Creates such a file. Returns false and sets *ret_problem on failure. */
bool live_create(struct output *ret_output, struct problem *ret_problem);

/* Sends it the next file. Takes ownership of reader_fd, which is open for reading only; -1: the
 * file is one in memory. live can be NULL. */
void live_send(struct live *live, const struct output *output, int reader_fd);

/* Sends it a file in memory, for struct piece_copy; the context is the struct live. */
void live_send_copy(void *context, int fd);

/* Reports that the current file has grown, after it had not for LIVE_QUIET_NS. live can be NULL. */
void live_wake(struct live *live);

/* Returns whether the program has ended, without waiting. NULL: no. */
bool live_has_ended(struct live *live);

/* Closes the socket, so that there are no more files, and waits until all are shown. NULL is
 * allowed. */
void live_finish(struct live *live);

#endif
