/* record/session/control.h - commands from a Unix socket during a recording
 *
 * Each line of at most 512 bytes, newline included, is a command. An answer is one or more lines;
 * the last one starts with "ok" or "error: ". At most 8 clients are connected. Only the owner of
 *the socket and root can connect.
 *
 *	section start TID [MS]                 section stop TID
 *	set-syscall PID SYSCALL MS         clear-syscall PID         settings
 *	flight write
 */
#ifndef RECORD_SESSION_CONTROL_H
#define RECORD_SESSION_CONTROL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/problem.h"

struct control;

/* Runs one command, a line without its newline, which it may change, and writes the answer. */
struct control_handler {
	void *context;
	void (*run)(void *context, char *line, FILE *answer);
};

/* Creates the socket and adds it to the epoll set, as later its clients. A file of that name must
 * not exist, except for a socket on which no process listens; that is replaced. Copies the handler;
 * borrows the path and the epoll set until control_close(). Returns false with a problem on
 * failure.
 */
bool control_open(const char *path, const struct control_handler *handler, int epoll_fd,
		  struct control **ret_control, struct problem *ret_problem);

/* Accepts new clients and runs the commands that have arrived; never waits. Drops a client whose
 * line is too long, or who does not take an answer at once. */
void control_serve(struct control *control);

/* Drops all clients and removes the socket. Returns false if the caller must have it removed with
 * more privileges. NULL is allowed. */
bool control_close(struct control *control);

#endif
