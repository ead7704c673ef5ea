/* analyze/report/skipped.h - hits, waits and samples that the recorder skipped on request */
#ifndef ANALYZE_REPORT_SKIPPED_H
#define ANALYZE_REPORT_SKIPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/trace/trace.h"

/* What an info record of a probe counts. */
enum skipped_count {
	SKIPPED_OF_HITS, /* all hits that passed the filters */
	SKIPPED_EVERY,   /* of them: skipped by --every */
	SKIPPED_RATE,    /* of them: skipped by --max-per-second */
	SKIPPED_LATENCY, /* of them: skipped by --min-latency */
	SKIPPED_COUNTS,  /* number of the above */
};

/* The counts of one probe, all zero at first. */
struct skipped {
	uint64_t counts[SKIPPED_COUNTS];
	bool is_ambiguous;             /* the counts of several recordings were added */
	const struct trace_file *file; /* source of the newest count; NULL: none */
};

/* Returns true if the key of an info record is about hits of a probe. Sets *ret_count to what its
 * value counts, and *ret_probe to the name of the probe, a part of the key. */
bool skipped_parse(struct trace_text key, enum skipped_count *ret_count,
		   struct trace_text *ret_probe);

/* The same for the key of an info record about events of -e such as "runq": waits, not probes. */
bool skipped_parse_event(struct trace_text key, const char *event, enum skipped_count *ret_count);

/* Adds the count in an info record, if it is about that event. Call as skipped_add(). */
void skipped_see(struct skipped *skipped, const char *event, const struct trace_file *file,
		 const struct dz_info *row);

/*
 * Adds one count. Call in order of time: each file of a recording holds the counts of the recording
 * so far. Ignores a value that is not a number. Borrows the file as long as *skipped is used.
 */
void skipped_add(struct skipped *skipped, const struct trace_file *file, enum skipped_count count,
		 struct trace_text value);

/*
 * Writes a line, "    skipped: 13,340 by --every; of 14,823 hits since the recording began". Writes
 * nothing if no hit was skipped, or if the counts are of several recordings.
 */
void skipped_write(const struct skipped *skipped, FILE *out);

/* Writes ", none skipped" or ", 13,340 skipped by --every". Writes nothing if the trace does not
 * hold the counts, or if they are of several recordings. */
void skipped_write_brief(const struct skipped *skipped, FILE *out);

#endif
