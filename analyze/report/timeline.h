/* analyze/report/timeline.h - every event in order of time, one line for each */
#ifndef ANALYZE_TIMELINE_H
#define ANALYZE_TIMELINE_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/visitor.h"

struct timeline {
	FILE *out;
	bool utc;
	bool stacks; /* below each line */
};

/* A visitor that writes a line for each event, of kinds it does not know by their schema; stops
 * when the stream reports an error. */
struct visitor timeline_visitor(struct timeline *timeline);

#endif
