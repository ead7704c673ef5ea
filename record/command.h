/* record/command.h - the command that is recorded: held until everything is attached */
#ifndef RECORD_COMMAND_H
#define RECORD_COMMAND_H

#include <stdbool.h>
#include <sys/types.h>

#include "record/problem.h"

struct command {
	pid_t pid;      /* 0 if there is no command */
	int release_fd; /* closing it without a word ends the child before it becomes the command */
	int failure_fd; /* errno comes from here if it cannot be run */
	bool ended;
	int status; /* as from waitpid(), once it has ended */
};

/* Makes the process that will run `arguments`, and holds it. Signals must still be as they were
 * when the program started. */
bool command_start(char *const arguments[], struct command *ret_command,
		   struct problem *ret_problem);

/* Lets it run; false if it cannot. */
bool command_release(struct command *command, const char *name, struct problem *ret_problem);

/* Looks, without waiting, whether it has ended. */
bool command_has_ended(struct command *command);

/* Ends it with SIGTERM if it still runs, and waits for it. */
void command_finish(struct command *command);

/* The exit status that a shell would have for it. */
int command_exit_status(const struct command *command);

#endif
