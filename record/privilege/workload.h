/* record/privilege/workload.h - the command that is recorded: held until everything is attached */
#ifndef RECORD_PRIVILEGE_WORKLOAD_H
#define RECORD_PRIVILEGE_WORKLOAD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/problem.h"

struct workload {
	pid_t pid;      /* 0 if there is no command */
	int release_fd; /* closing it without a word ends the child before it becomes the command */
	int failure_fd; /* errno comes from here if it cannot be run */
	bool ended;
	int status; /* as from waitpid(), once it has ended */
};

/* Makes the process that will run `arguments`, and holds it. Signals must still be as they were
 * when the program started. On success workload_finish() has to follow. */
bool workload_start(char *const arguments[], struct workload *ret_workload,
		    struct problem *ret_problem);

/* Lets it run, and waits until it does; false if it cannot, and then it has ended. `name` is for
 * the problem. */
bool workload_release(struct workload *workload, const char *name, struct problem *ret_problem);

/* Looks, without waiting, whether it has ended. */
bool workload_has_ended(struct workload *workload);

/* Ends it with SIGTERM if it still runs, and waits for it. May be called again, and without a
 * command. */
void workload_finish(struct workload *workload);

/* The exit status that a shell would have for it, once it has ended. */
int workload_exit_status(const struct workload *workload);

#endif
