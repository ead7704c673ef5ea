/* analyze/program/program.h - what the programs that read traces have in common */
#ifndef ANALYZE_PROGRAM_PROGRAM_H
#define ANALYZE_PROGRAM_PROGRAM_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/trace/input_problem.h"

/* Exit status of diag-report(1), diag-fold(1) and diag-flame(1). */
enum program_status {
	PROGRAM_OK = 0,
	PROGRAM_FAILURE = 1,
	PROGRAM_USAGE = 2,
	PROGRAM_INCOMPLETE = 3, /* what could be read of a damaged file was read */
};

/*
 * To be called first: makes sure that no file that is opened later becomes standard output, that a
 * wrong option ends the program with PROGRAM_USAGE, and that messages start with `program`, which
 * takes the place of argv[0].
 */
void program_begin(char *program, char **argv);

/*
 * Opens a regular file for reading, without ever waiting for it. Prints why it cannot and returns
 * -1.
 */
int program_open_input(const char *program, const char *path);

/* Reads the options, of which a wrong one ends the program. Prints why and returns false if there
 * is no memory. */
bool program_parse(const char *program, const struct argp *parser, int argc, char **argv,
		   void *input);

/* Flushes and closes standard output; prints why that fails and returns false. */
bool program_close_output(const char *program);

/* The last thing in main(): closes standard output. Returns the exit status. */
int program_end(const char *program, enum program_status status);

/*
 * Prints the problems that next() gives for 0, 1, ... until NULL, or the first ones of very many.
 * Returns what they mean for the exit status.
 */
enum program_status program_print_problems(const char *program, const void *context,
					   const struct input_problem *(*next)(const void *context,
									       size_t number));

/* To be called when all inputs and outputs are open; nothing can be opened any more. */
void program_lock_in(void);

/* "diag-report 0.1.0"; `verbose` locks the program in and adds what then protects it. */
void program_print_version(const char *program, bool verbose);

/* Whether to write colours there: a terminal that can, and a user who has not set NO_COLOR. */
bool program_wants_colour(FILE *stream);

#endif
