/* analyze/report/notices.h - notices about damage, a missing end and lost events */
#ifndef ANALYZE_REPORT_NOTICES_H
#define ANALYZE_REPORT_NOTICES_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/replay/loss.h"
#include "analyze/trace/trace.h"
#include "text/layout.h"

struct notices {
	const struct trace *trace; /* its problems have been collected */
	const struct loss *loss;
	const struct layout *layout;
	bool utc;
	bool verbose; /* write all; otherwise the first ones of each kind */
};

/* Writes a line that starts with ! for each problem. Writes nothing if nothing is missing. Returns
 * false on allocation failure. */
bool notices_write(const struct notices *notices, FILE *out);

#endif
