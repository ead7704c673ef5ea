/* analyze/copy/trace_copy.h - copies a .dz file: repaired, scrubbed, or with source lines added */
#ifndef ANALYZE_COPY_TRACE_COPY_H
#define ANALYZE_COPY_TRACE_COPY_H

#include <stdbool.h>

#include "analyze/lines/line_broker.h"
#include "analyze/program/program.h"

enum trace_copy_kind {
	TRACE_COPY_NONE,
	TRACE_COPY_REPAIR,
	TRACE_COPY_SCRUB,
	TRACE_COPY_ADD_LINES, /* source lines and inlined functions */
};

struct trace_copy {
	const char *program;
	enum trace_copy_kind kind;
	const char *input;
	const char *output;
	bool force;                       /* replace an existing output */
	bool verbose;                     /* print each pseudonym with its name */
	unsigned int names;               /* TRACE_COPY_SCRUB: bits of scrub.h */
	struct line_broker_places places; /* TRACE_COPY_ADD_LINES */
};

/*
 * Writes the output and prints what it holds. The output gets its name when it is complete; on
 * failure it is removed. Returns PROGRAM_INCOMPLETE if the input was damaged or not closed. On
 * failure prints the reason and returns PROGRAM_FAILURE.
 */
enum program_status trace_copy_make(const struct trace_copy *copy);

#endif
