/* record/session/section_commands.h - commands about sections, as lines of text */
#ifndef RECORD_SESSION_SECTION_COMMANDS_H
#define RECORD_SESSION_SECTION_COMMANDS_H

#include <stdbool.h>
#include <stdio.h>

#include "record/options/options.h"
#include "record/sections/section_programs.h"

/* Both are borrowed. programs is NULL if no sections are recorded. */
struct section_commands {
	struct section_programs *programs;
	const struct options *options;
};

/* Runs one line, which it changes, and writes the answer (control.h). `programs` may be NULL: then
 * each command is refused. Returns false, and has written nothing, if there is no such command. */
bool section_commands_run(struct section_commands *commands, char *line, FILE *answer);

/* Writes the settings of sections, one a line, and no last line. */
void section_commands_settings(const struct section_commands *commands, FILE *answer);

#endif
