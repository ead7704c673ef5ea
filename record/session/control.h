/* record/session/control.h - orders that come through a Unix socket while diag-record records
 *
 * Each line is an order, each answer one line or more that end with one that starts with "ok" or
 * "error: ". Only the owner of the socket, and root, can connect.
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

/* Who carries the orders out: writes the answer to `answer`. */
struct control_handler {
	void *context;
	void (*carry_out)(void *context, char *line, FILE *answer);
};

/* Makes the socket; a file of that name must not exist, unless it is a socket that nobody serves.
 * The handler is copied; the path and the epoll set, which gets the descriptors to wait for, are
 * borrowed until control_close(). */
bool control_open(const char *path, const struct control_handler *handler, int epoll_fd,
		  struct control **ret_control, struct problem *ret_problem);

/* Accepts who wants to connect, and carries out what has been ordered; never waits. */
void control_serve(struct control *control);

/* Removes the socket. False if somebody else has to, who may. NULL is allowed. */
bool control_close(struct control *control);

#endif
