/* record/output/output_helper.h - a process of its own that makes the further files of a recording
 *
 * diag-record gives its rights up before it records. What still needs some then is done by this
 * process, which reads nothing but orders of one byte: it makes the next file, under names that
 * were settled when it was started, and removes the socket of --control. If only so many files are
 * to be kept, it removes the oldest whenever it has made one: no order names a file.
 */
#ifndef RECORD_OUTPUT_OUTPUT_HELPER_H
#define RECORD_OUTPUT_OUTPUT_HELPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/output/output.h"

/* Names that do not change any more; borrowed as long as the maker lives. */
struct output_helper_names {
	const char *output;  /* of the first file */
	const char *control; /* NULL if there is no socket */
	bool ascending;      /* each further file has a greater number than those before */
	uint32_t kept_count; /* files of this recording at most, the present one too; 0: all */
};

#define OUTPUT_HELPER_KEPT_MAX 10000u

struct output_helper;

/* To be called before there are other threads, and before anything is open that must not stay
 * open. */
bool output_helper_start(const struct output_helper_names *names, struct output_helper **ret_maker,
			 struct problem *ret_problem);

/* Says that the first file is there, under its name and with the rights to say so: once, before it
 * matters whether it is removed. */
void output_helper_know_first(struct output_helper *maker);

/*
 * Makes a file as output_open() does, under the first name that is free: that of the first file, if
 * somebody has moved it away, else with a number. With `ascending` under the first free name after
 * that of the file before. Then it removes the oldest if there are too many: only if what has its
 * name is that very file. Where that fails, the result is true and *ret_problem says why; otherwise
 * its text is empty then.
 */
bool output_helper_next(struct output_helper *maker, struct output *ret_output,
			struct problem *ret_problem);

/* Removes the file that was made last. */
void output_helper_discard(struct output_helper *maker);

/* Removes the socket of --control. */
void output_helper_remove_control(struct output_helper *maker);

/* Ends the process. NULL is allowed. */
void output_helper_end(struct output_helper *maker);

#endif
