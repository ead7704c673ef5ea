/* analyze/trace/input_problem.h - a problem with an input file, and its message */
#ifndef ANALYZE_TRACE_INPUT_PROBLEM_H
#define ANALYZE_TRACE_INPUT_PROBLEM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct input_problem {
	const char *path;    /* as given by the user; borrowed */
	const char *what;    /* the reason; static */
	const char *advice;  /* what to do, in the imperative; static; NULL: none */
	uint64_t offset;     /* in the file; valid if size_bytes is not 0 */
	uint64_t size_bytes; /* bytes that were not read */
	int error_number;    /* errno, printed after `what`; 0: none */
	bool failure;        /* the program failed; false: the file is incomplete */
};

/* Prints "diag-report: trace.dz: offset 4096: 512 bytes not read: checksum is wrong" as one line,
 * with the path escaped. */
void input_problem_print(FILE *stream, const char *program, const struct input_problem *problem);

#endif
