/* analyze/report/cost.h - what the recording took of the machine */
#ifndef ANALYZE_REPORT_COST_H
#define ANALYZE_REPORT_COST_H

#include <stdint.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

struct cost {
	uint64_t cpu_ns;      /* that recorders used */
	uint64_t duration_ns; /* of their recordings; 0 if the trace does not tell */
};

/* A visitor that adds up what recorders noted of themselves into *cost, which starts all zero. */
struct visitor cost_visitor(struct cost *cost);

/* "0.1 % of one CPU" after `before`; nothing at all if the trace does not tell. */
void cost_write(const struct cost *cost, const char *before, FILE *out);

#endif
