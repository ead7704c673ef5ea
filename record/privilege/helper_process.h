/* record/privilege/helper_process.h - a separate process that keeps one privilege
 *
 * It takes requests from a socket and answers them, some with descriptors of what it has opened. It
 * ends when the recorder ends, even if that is killed.
 */
#ifndef RECORD_PRIVILEGE_HELPER_PROCESS_H
#define RECORD_PRIVILEGE_HELPER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/problem.h"

/* Most descriptors in one message. */
#define HELPER_PROCESS_DESCRIPTORS_MAX 3u

struct helper_process {
	pid_t pid;
	int socket;
};

struct helper_process_role {
	const char *name;              /* of the process, at most 15 bytes */
	const char *purpose;           /* for messages, such as "files" */
	bool (*keep_privileges)(void); /* drops all other privileges; false on failure */
	/* Runs in the helper process. Answers requests until a receive fails or a request asks it
	 * to end. */
	void (*serve)(void *context, int socket);
	void *context; /* passed to serve(); copied by fork() */
};

/* Starts the process, and waits until it has dropped all other privileges, at most 5 s. Call before
 * starting any thread. Returns false and sets *ret_problem on failure. On success, the caller must
 * call helper_process_end(). */
bool helper_process_start(const struct helper_process_role *role,
			  struct helper_process *ret_process, struct problem *ret_problem);

/* Sends one message with duplicates of the descriptors. Returns false if it could not be sent
 * whole. */
bool helper_process_send(int socket, const void *bytes, size_t size_bytes, const int *descriptors,
			 size_t descriptor_count);

/* Waits for one message of exactly that size; the recorder at most a second. Returns false for any
 * other size and at the end; then ret_descriptors is unchanged. Otherwise either all descriptors
 * have come, and the caller must close them, or each is -1. */
bool helper_process_receive(int socket, void *ret_bytes, size_t size_bytes, int *ret_descriptors,
			    size_t descriptor_count);

/* Waits for one message of at most the size of the pieces, and at most one descriptor. Returns its
 * size, 0 at the end, -1 and sets errno on failure. *ret_descriptor is -1 if none came. */
ssize_t helper_process_receive_pieces(int socket, struct iovec *pieces, size_t count,
				      int *ret_descriptor);

/* Closes the socket after an answer that did not come: it could come later, as the answer to
 * another request. Each further request fails. */
void helper_process_give_up(struct helper_process *process);

/* Reports once if the process has ended or is stopped: "the helper process for WORK has ended:
 * CONSEQUENCE". Returns whether it reported. Does not wait. */
bool helper_process_watch(const struct helper_process *process, const char *work,
			  const char *consequence);

/* Closes the socket and waits for the process to end, at most a second: one that is stopped is
 * killed by the kernel when the recorder ends. Send the request to end before: a workload
 * that has not started yet also has the socket open, so closing it is not enough. */
void helper_process_end(struct helper_process *process);

#endif
