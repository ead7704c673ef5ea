/* record/session/control_commands.h - the commands of the control socket, as lines of text
 *
 *	status       settings       flight write       rotate       stop
 *	section start TID [MS]      section stop TID
 *	set-syscall PID SYSCALL MS  clear-syscall PID
 *
 * The answer of status and settings has lines of a key, a space and a value. No command but stop
 * ends the recording.
 */
#ifndef RECORD_SESSION_CONTROL_COMMANDS_H
#define RECORD_SESSION_CONTROL_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/problem.h"
#include "record/session/section_commands.h"
#include "record/session/session_state.h"

/* All parts are borrowed. */
struct control_commands {
	struct section_commands sections;
	struct session_file *file;
	const struct session_kernel *kernel;
	const struct session_convert *convert;
	const uint64_t *start_ns; /* of the recording, CLOCK_BOOTTIME */
	void *context;            /* of the functions below */
	/* Continues in the next file. Returns false and sets *ret_problem on failure. */
	bool (*rotate)(void *context, struct problem *ret_problem);
	/* Ends the recording. */
	void (*stop)(void *context);
};

/* Runs one line, which it changes, and writes the answer (control.h). `context` is a struct
 * control_commands. */
void control_commands_run(void *context, char *line, FILE *answer);

#endif
