/* record/privilege/workload.h - the command that is recorded; waits until all programs are attached
 */
#ifndef RECORD_PRIVILEGE_WORKLOAD_H
#define RECORD_PRIVILEGE_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/problem.h"

struct workload {
	pid_t pid;      /* 0: no command */
	int release_fd; /* closing it before writing ends the child before it executes the command
			 */
	int failure_fd; /* delivers errno if the command cannot be executed */
	bool ended;
	int status; /* as from waitpid(), valid once it has ended */
};

/* Creates the process that will execute `arguments`, and lets it wait. Call while signals are still
 * as the program inherited them. Returns false and sets *ret_problem on failure. On success the
 * caller must call workload_finish(). */
bool workload_start(char *const arguments[], struct workload *ret_workload,
		    struct problem *ret_problem);

/* Lets it execute the command, and waits until it does. Returns false and sets *ret_problem, which
 * starts with `name`, if it cannot; then it has ended. */
bool workload_release(struct workload *workload, const char *name, struct problem *ret_problem);

/* Returns whether it has ended, without waiting. */
bool workload_has_ended(struct workload *workload);

/* How workload_finish() has ended a command. */
enum workload_end {
	WORKLOAD_ENDED,    /* before, or after SIGTERM */
	WORKLOAD_KILLED,   /* by SIGKILL */
	WORKLOAD_LEFT_OVER /* not even by SIGKILL within a second: it waits in the kernel */
};

/* Ends it with SIGTERM if it still runs, and with SIGKILL if it runs after `kill_after_ns`
 * nanoseconds. Can be called again, and without a command. */
enum workload_end workload_finish(struct workload *workload, uint64_t kill_after_ns);

/* Waits for its end. Can be called again, and without a command. */
void workload_await(struct workload *workload);

/* Returns the exit status that a shell would report. Call after it has ended. */
int workload_exit_status(const struct workload *workload);

#endif
