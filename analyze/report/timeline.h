/* analyze/report/timeline.h - all events in order of time, one line for each */
#ifndef ANALYZE_REPORT_TIMELINE_H
#define ANALYZE_REPORT_TIMELINE_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

/* A process whose command line is printed below an event. */
struct timeline_process {
	const struct trace_file *file;
	const struct dz_task *task; /* NULL: none */
};

struct timeline {
	FILE *out;
	bool utc;
	bool stacks;                     /* print stacks below each line */
	struct timeline_process subject; /* private: of the line before; task NULL: none */
	struct timeline_process sender;  /* private: of the line before */
};

/* Returns a visitor that writes a line for each event. Kinds without a dedicated format are
 * written by their schema. Recorded command lines follow, with those of the ancestors; for
 * consecutive events of one process, only below the first. It stops on an error of the stream. */
struct visitor timeline_visitor(struct timeline *timeline);

#endif
