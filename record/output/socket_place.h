/* record/output/socket_place.h - the place of a socket: an open directory, and a name in it
 *
 * The directory is held open, so that the socket is removed where it was created even if the path
 * means another directory by then.
 */
#ifndef RECORD_OUTPUT_SOCKET_PLACE_H
#define RECORD_OUTPUT_SOCKET_PLACE_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/problem.h"

/* The socket that diag-ctl uses by default. */
#define SOCKET_PLACE_DEFAULT_DIRECTORY "/run/diag"
#define SOCKET_PLACE_DEFAULT           SOCKET_PLACE_DEFAULT_DIRECTORY "/control"

struct socket_place {
	const char *path; /* borrowed; NULL: no socket */
	const char *name; /* the last part of the path */
	int directory_fd; /* -1: not open */
	ino_t inode;      /* of the own socket; 0: none yet */
};

/* Opens the directory of the path, which it borrows until socket_place_close(). Makes that of
 * SOCKET_PLACE_DEFAULT, with mode 0700, if it does not exist. Returns false and sets *ret_problem
 * if the directory cannot be opened, or the path is too long for a socket. */
bool socket_place_open(const char *path, struct socket_place *ret_place,
		       struct problem *ret_problem);

/* Sets the address of the socket. */
void socket_place_address(const struct socket_place *place, struct sockaddr_un *ret_address);

/* Remembers the socket that has the name now. Returns false if there is none, or if the path means
 * another file than the name in the directory. */
bool socket_place_remember(struct socket_place *place);

/* Removes the socket that was remembered. Returns false if it is still there; true also if the name
 * is that of another file by now, which stays. */
bool socket_place_remove(const struct socket_place *place);

/* Closes the directory. */
void socket_place_close(struct socket_place *place);

#endif
