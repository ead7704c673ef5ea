/* analyze/program/program.h - functions shared by the programs that read traces */
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
	PROGRAM_INCOMPLETE = 3, /* a file is damaged or not closed; its readable part was read */
	PROGRAM_WORSE = 4,      /* --diff found ends that are new or more frequent */
};

/*
 * Prepares the process. Call first in main(). Opens closed standard descriptors, so that no later
 * file becomes standard output; makes argp exit with PROGRAM_USAGE after a wrong option; and sets
 * argv[0] to `program`, so that messages start with it. Borrows `program`.
 */
void program_begin(char *program, char **argv);

/* Opens a regular file for reading and returns its descriptor, which the caller owns. Never waits,
 * not even for a pipe. On failure, prints a message and returns -1. */
int program_open_input(const char *program, const char *path);

/* Parses the options into `input`. A wrong option ends the program with PROGRAM_USAGE. On
 * allocation failure, prints a message and returns false. */
bool program_parse(const char *program, const struct argp *parser, int argc, char **argv,
		   void *input);

/* Flushes and closes standard output. On failure, prints a message and returns false. */
bool program_close_output(const char *program);

/* Closes standard output and returns the exit status: `status`, or PROGRAM_FAILURE if standard
 * output could not be written. Call last in main(). */
int program_end(const char *program, enum program_status status);

/*
 * Prints the problems that next() returns for 0, 1, ... until NULL: the first 20, then one line for
 * the others. Returns PROGRAM_FAILURE if one of them is a failure, PROGRAM_INCOMPLETE if there are
 * only others, PROGRAM_OK if there are none.
 */
enum program_status program_print_problems(const char *program, const void *context,
					   const struct input_problem *(*next)(const void *context,
									       size_t number));

/* Enters the sandbox (sandbox.h). Call when all inputs and outputs are open: no file can be opened
 * afterwards. */
void program_enter_sandbox(void);

/* Enters the same sandbox in a further thread. Call after program_enter_sandbox() has returned. */
void program_enter_sandbox_thread(void);

/* Prints "diag-report 0.1.0". With `verbose`, enters the sandbox and prints its restrictions. */
void program_print_version(const char *program, bool verbose);

/* Returns whether to write colours to a stream: it is a terminal, TERM is set and not "dumb", and
 * NO_COLOR is not set. */
bool program_wants_colour(FILE *stream);

#endif
