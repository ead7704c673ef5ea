/* analyze/json/json_report.h - events as NDJSON, one object a line (diag-report(1), JSON)
 *
 * Steps and phases are inside the object of their section.
 */
#ifndef ANALYZE_JSON_JSON_REPORT_H
#define ANALYZE_JSON_JSON_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/json/json_plan.h"
#include "analyze/json/json_sections.h"
#include "analyze/json/json_value.h"
#include "analyze/replay/totals.h"
#include "analyze/replay/visitor.h"

/* Plans that are kept: one for each kind, and for the unknown kinds together. */
#define JSON_REPORT_PLANS 64u

/* The plan for a kind, and the schema that it was used for last. */
struct json_report_plan {
	struct json_plan *plan;
	const struct dz_kind_schema *schema;
	const struct trace_file *file;
};

/* The first failure of a COMMAND. */
struct json_first_failure {
	bool is_known;  /* the recording is one of a COMMAND */
	uint32_t boot;  /* as in struct trace_file */
	uint64_t pid;   /* 0: the COMMAND did not fail */
	uint64_t start; /* of the process; with pid, its identity */
};

struct json_report {
	struct json_first_failure first_failure; /* set before the first event; all zero: unknown */
	bool stacks;                             /* write call stacks */
	bool out_of_memory;                      /* an allocation failed; false: see the stream */
	struct json_writer writer;               /* private */
	struct json_sections *sections;          /* private; NULL before the first section */
	struct json_report_plan plans[JSON_REPORT_PLANS]; /* private */
};

/* Makes a report without events. Borrows `out`. */
struct json_report json_report_new(FILE *out, bool stacks);

/* Returns a visitor that writes each event. It stops on allocation failure, and if the stream
 * reports an error. Borrows *report. */
struct visitor json_report_visitor(struct json_report *report);

/* Writes the sections that are still held, then the summary as the last line. `complete`: no file
 * is damaged or unclosed. Returns false on allocation failure, and if the stream reports an error.
 */
bool json_report_summary(struct json_report *report, const struct trace *trace,
			 const struct totals *totals, bool complete);

/* Writes to the stream what is ready: lines are collected otherwise. Returns false on allocation
 * failure, and if the stream reports an error. */
bool json_report_flush(struct json_report *report);

/* Frees what the report allocated. Can be called at any time, and more than once. */
void json_report_release(struct json_report *report);

#endif
