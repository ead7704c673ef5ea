/* record/session/control.h - commands from a Unix socket during a recording
 *
 * Each line of at most 512 bytes, newline included, is a command; control_commands.h has them. An
 * answer is one or more lines; the last one starts with "ok" or "error: ". At most 8 clients are
 * connected. Only root and the user of the recorder can connect. A client that is refused gets one
 * line with the reason.
 */
#ifndef RECORD_SESSION_CONTROL_H
#define RECORD_SESSION_CONTROL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/problem.h"
#include "record/output/socket_place.h"

/* data.u32 of the events of its descriptors in the epoll set. */
#define CONTROL_EPOLL_DATA 1u

struct control;

/* Runs one command, a line without its newline, which it may change, and writes the answer. */
struct control_handler {
	void *context;
	void (*run)(void *context, char *line, FILE *answer);
};

/* Creates the socket and adds it to the epoll set, as later its clients. A file of that name must
 * not exist, except for a socket on which no process listens; that is replaced. Copies the handler;
 * borrows the place, where it remembers the socket, and the epoll set until control_close().
 * Returns false with a problem on failure.
 */
bool control_open(struct socket_place *place, const struct control_handler *handler, int epoll_fd,
		  struct control **ret_control, struct problem *ret_problem);

/* Accepts new clients and runs commands that have arrived, at most 8 of each client; never waits.
 * What is left wakes the epoll set again. Drops a client whose line is too long, or who does not
 * take an answer at once. */
void control_serve(struct control *control);

/* Removes the socket, if the name is still that of the own one, and drops all clients. Returns
 * false if the caller must have it removed with more privileges. NULL is allowed. */
bool control_close(struct control *control);

#endif
