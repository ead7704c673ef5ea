/* ctl/command.h - the commands of diag-ctl */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"

/* The longest line that the recorder takes, with its newline. */
#define COMMAND_LINE_MAX 512u

/* Joins the words by spaces to the line of a command, with a newline. Returns false and sets
 * *ret_problem if there is no such command, or the number of its operands is wrong. */
bool command_line(char **words, size_t count, char line[COMMAND_LINE_MAX + 1],
		  struct problem *ret_problem);

#endif
