/* ctl/connection.h - the connection of diag-ctl to a recorder */
#ifndef CTL_CONNECTION_H
#define CTL_CONNECTION_H

#include <stdbool.h>

#include "base/problem.h"

/* Connects to the socket at the path. Returns false and sets *ret_problem on failure, with the
 * reason. The caller closes *ret_fd. */
bool connection_open(const char *path, int *ret_fd, struct problem *ret_problem);

/* Sends a line, and returns the answer up to its last line, "ok" or "error: "; the caller frees it.
 * Waits 10 seconds at most for each part. Returns NULL and sets *ret_problem on failure. */
char *connection_ask(int fd, const char *line, struct problem *ret_problem);

/* Waits until the recorder closes the connection, which it does when its file is complete. Waits 60
 * seconds at most. Returns false and sets *ret_problem if it does not. */
bool connection_await_end(int fd, struct problem *ret_problem);

#endif
