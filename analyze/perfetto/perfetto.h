/* analyze/perfetto/perfetto.h - a trace in the format of Perfetto
 *
 * Processes and sections are slices; deaths, signals and hits of probes are instants; a flow leads
 * from the sender of a signal to its victim; losses are counters. Times are those of
 * CLOCK_BOOTTIME, as in a trace of the system.
 */
#ifndef ANALYZE_PERFETTO_PERFETTO_H
#define ANALYZE_PERFETTO_PERFETTO_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/replay/selection.h"
#include "analyze/trace/trace.h"
#include "text/progress.h"

struct perfetto_request {
	struct trace *trace; /* loaded */
	const struct selection *selection;
	struct progress *progress; /* NULL: none */
	FILE *out;
};

/* Returns whether all readable files are of one boot: CLOCK_BOOTTIME has a meaning only there. */
bool perfetto_is_possible(const struct trace *trace);

/* Writes the trace. Returns false on allocation failure. Write errors are in the stream, read
 * errors in the trace. */
bool perfetto_write(const struct perfetto_request *request);

#endif
