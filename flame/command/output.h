/* flame/command/output.h - a file that appears whole or not at all */
#ifndef FLAME_COMMAND_OUTPUT_H
#define FLAME_COMMAND_OUTPUT_H
#include <stdbool.h>
#include <stdio.h>

struct output {
	FILE *stream;
	const char *path; /* borrowed; NULL is standard output */
	char *temporary;  /* what is written to until it is complete */
};

/* `path` NULL is standard output. False with errno; then there is nothing to abandon. */
bool output_open(struct output *output, const char *path);

/* Flushes and closes what is written to; false with errno if not every byte arrived. */
bool output_finish(struct output *output);

/* Puts a finished file in its place, over what was there; false with errno, and then it is removed.
 */
bool output_place(struct output *output);

/* Removes the file that is not in its place yet; what was there before stays. */
void output_abandon(struct output *output);
#endif
