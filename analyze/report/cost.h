/* analyze/report/cost.h - the CPU time of the recorder */
#ifndef ANALYZE_REPORT_COST_H
#define ANALYZE_REPORT_COST_H

#include <stdint.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

struct cost {
	uint64_t cpu_ns;      /* CPU time of the recorders */
	uint64_t duration_ns; /* of their recordings; 0: not in the trace */
};

/* Returns a visitor that adds the info records about the recorders to *cost, all zero at first. */
struct visitor cost_visitor(struct cost *cost);

/* Writes `before` and "0.1 % of one CPU". Writes nothing if the trace does not hold the cost. */
void cost_write(const struct cost *cost, const char *before, FILE *out);

#endif
