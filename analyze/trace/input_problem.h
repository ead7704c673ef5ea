/* analyze/trace/input_problem.h - what is wrong with an input file, and how it is told */
#ifndef ANALYZE_TRACE_INPUT_PROBLEM_H
#define ANALYZE_TRACE_INPUT_PROBLEM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct input_problem {
	const char *path;    /* as given by the user; borrowed */
	const char *what;    /* static phrase */
	const char *advice;  /* static phrase: what to do; NULL for none */
	uint64_t offset;     /* in the file; meaningful if size_bytes is not 0 */
	uint64_t size_bytes; /* of what was not read */
	int error_number;    /* of the system, to be told after `what`; 0 for none */
	bool failure;        /* the program has failed, as opposed to: the file is incomplete */
};

/* "diag-report: trace.dz: offset 4096: 512 bytes not read: checksum is wrong", escaped. */
void input_problem_print(FILE *stream, const char *program, const struct input_problem *problem);

#endif
