/* record/privilege/helper_process.h - a process beside the recorder that does what takes a right
 * which a recording gives up
 *
 * It keeps that right alone, takes requests from a socket and answers them, maybe with descriptors
 * of what it has opened. It ends with the recorder, however that ends.
 */
#ifndef RECORD_PRIVILEGE_HELPER_PROCESS_H
#define RECORD_PRIVILEGE_HELPER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/problem.h"

/* Descriptors of one message at most. */
#define HELPER_PROCESS_DESCRIPTORS_MAX 2u

struct helper_process {
	pid_t pid;
	int socket;
};

struct helper_process_role {
	const char *name;    /* of the process, at most 15 bytes */
	const char *purpose; /* as people are told, such as "files" */
	bool (*keep_rights)(void);
	/* In that process: takes requests and answers them until a receive fails or it is told to
	 * end. */
	void (*serve)(void *context, int socket);
	void *context; /* as it is when the process is started */
};

/* Starts the process, and waits until it has given up all other rights. To be called before there
 * are other threads. On success helper_process_end() has to follow. */
bool helper_process_start(const struct helper_process_role *role,
			  struct helper_process *ret_process, struct problem *ret_problem);

/* Sends one message, with descriptors of which each side then has its own. False if it could not be
 * sent as a whole. */
bool helper_process_send(int socket, const void *bytes, size_t size_bytes, const int *descriptors,
			 size_t descriptor_count);

/* Waits for one message of exactly that size; false for any other, and at the end. Of the
 * descriptors either all have come, and are the caller's, or each is -1, unless the result is
 * false: then they are as they were. */
bool helper_process_receive(int socket, void *ret_bytes, size_t size_bytes, int *ret_descriptors,
			    size_t descriptor_count);

/* Closes the socket and waits for the end of the process, which must have been told to end: a
 * command that has not begun holds the socket open, too. */
void helper_process_end(struct helper_process *process);

#endif
