/* analyze/report/report_request.h - the options of a report, and a replay for it */
#ifndef ANALYZE_REPORT_REPORT_REQUEST_H
#define ANALYZE_REPORT_REPORT_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/replay/replay.h"
#include "analyze/replay/selection.h"
#include "analyze/trace/trace.h"
#include "text/layout.h"
#include "text/progress.h"

enum report_mode {
	REPORT_ANSWERS, /* the default: one screen */
	REPORT_TABLES,
	REPORT_EVENTS,
	REPORT_JSON,
	REPORT_INFO,
	REPORT_VERIFY,
};

struct report_options {
	enum report_mode mode;
	struct selection selection;
	size_t top;      /* number of answers that are printed; 0: all */
	bool top_given;  /* so print all lines of them */
	bool stacks;     /* print whole call stacks below rows and events; print any in JSON */
	bool no_stacks;  /* print no stacks, not even in answers */
	bool tree;       /* print all processes as a tree instead of the answers */
	bool verbose;    /* cut nothing */
	bool no_command; /* leave the command line of the recorder out of the summary of a file */
	struct layout layout;
};

struct report {
	const struct report_options *options;
	struct trace *trace; /* loaded */
	struct progress *progress;
	FILE *out;
};

/* Replays the selected events of the trace. */
enum replay_status report_replay(const struct report *report, const struct visitor *visitors,
				 size_t visitor_count);

/* Whether the trace holds the reason of a failed replay. It does not after an allocation failure.
 */
bool report_has_reason(const struct report *report);

#endif
