/* record/session/section_commands.h - commands about sections, as lines of text */
#ifndef RECORD_SESSION_SECTION_COMMANDS_H
#define RECORD_SESSION_SECTION_COMMANDS_H

#include <stdio.h>

#include "record/options/options.h"
#include "record/sections/section_programs.h"

/* Both are borrowed. */
struct section_commands {
	struct section_programs *programs;
	const struct options *options;
};

/* Runs one line, which it changes, and writes the answer (control.h). `context` is a struct
 * section_commands. */
void section_commands_run(void *context, char *line, FILE *answer);

#endif
