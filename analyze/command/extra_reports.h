/* analyze/command/extra_reports.h - --by, --diff, --rows and --perfetto of diag-report */
#ifndef ANALYZE_COMMAND_EXTRA_REPORTS_H
#define ANALYZE_COMMAND_EXTRA_REPORTS_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyze/counts/counts.h"
#include "analyze/replay/selection.h"
#include "analyze/rows/rows.h"
#include "analyze/trace/trace.h"
#include "text/progress.h"

/* The largest argument of --jobs. */
#define EXTRA_JOBS_MAX 64u

enum extra_mode {
	EXTRA_NONE, /* another report */
	EXTRA_BY,
	EXTRA_DIFF,
	EXTRA_ROWS,
	EXTRA_PERFETTO,
};

/* The options. All zero: none of them. */
struct extra_options {
	enum extra_mode mode;
	struct counts_request request;  /* EXTRA_BY */
	const struct rows_table *table; /* EXTRA_ROWS */
	const char **before;            /* EXTRA_DIFF: paths; borrowed from argv */
	size_t before_count, before_capacity;
	const char *perfetto; /* EXTRA_PERFETTO: path of the new file; borrowed from argv */
	size_t jobs;          /* EXTRA_ROWS: 0: not given */
};

/* A child for the argp of diag-report. Its input is a struct extra_options. A wrong value ends the
 * program through argp_error(). */
extern const struct argp extra_argp;

/* What a report is made of. */
struct extra_report {
	const struct extra_options *options;
	const struct selection *selection;
	struct trace *trace;  /* loaded */
	struct trace *before; /* EXTRA_DIFF: loaded, else NULL */
	struct progress *progress;
	size_t top; /* 0: all */
	bool json;
	FILE *out;
};

/* Opens the files of --diff, and sets *ret_trace to a trace of them, NULL without --diff. The
 * caller frees it. On failure, prints a message and returns false. */
bool extra_open(const char *program, const struct extra_options *options, struct trace **ret_trace);

/* Returns why these traces have no such report, with what to do; NULL: they have. Static. */
const char *extra_refuses(const struct extra_report *report);

/* Writes the report. Sets *ret_worse to whether --diff found ends that are new or more frequent.
 * Returns false on allocation failure. */
bool extra_write(const struct extra_report *report, bool *ret_worse);

/* Frees the list of paths. */
void extra_release(struct extra_options *extra);

#endif
