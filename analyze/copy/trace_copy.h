/* analyze/copy/trace_copy.h - makes a new .dz file of one that is there: repaired, without names,
 * or with lines */
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
	bool force;                       /* the output may take the place of an existing file */
	bool verbose;                     /* tell what was replaced by what */
	unsigned int names;               /* TRACE_COPY_SCRUB: bits of scrub.h */
	struct line_broker_places places; /* TRACE_COPY_ADD_LINES */
};

/*
 * Makes the output, which is removed again if it cannot be finished, and prints what it holds and
 * what was left out. PROGRAM_INCOMPLETE if the input was damaged or not closed. Errors are printed.
 */
enum program_status trace_copy_make(const struct trace_copy *copy);

#endif
