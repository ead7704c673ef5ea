/* analyze/report/timeline.h - every event in order of time, one line for each */
#ifndef ANALYZE_REPORT_TIMELINE_H
#define ANALYZE_REPORT_TIMELINE_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

/* A process whose command lines are below a line. */
struct timeline_process {
	const struct trace_file *file;
	const struct dz_task *task; /* NULL: none */
};

struct timeline {
	FILE *out;
	bool utc;
	bool stacks;                     /* below each line */
	struct timeline_process subject; /* private: of the line before */
	struct timeline_process sender;  /* private: of the line before */
};

/* A visitor that writes a line for each event, of kinds it does not know by their schema. Where
 * command lines are known they are below it, with those of the ancestors, but once only for events
 * of one process that follow each other. Stops when the stream reports an error. */
struct visitor timeline_visitor(struct timeline *timeline);

#endif
