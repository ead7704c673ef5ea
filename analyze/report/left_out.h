/* analyze/report/left_out.h - hits of a probe that the recorder was asked to leave out */
#ifndef ANALYZE_REPORT_LEFT_OUT_H
#define ANALYZE_REPORT_LEFT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/trace/trace.h"

/* What a recording tells of the hits of one probe. */
enum left_out_fact {
	LEFT_OUT_OF,       /* all that passed the filters */
	LEFT_OUT_BY_EVERY, /* of these */
	LEFT_OUT_BY_RATE,
	LEFT_OUT_AS_QUICK,
	LEFT_OUT_FACTS, /* how many there are */
};

/* The facts of one probe, all zero at first. */
struct left_out {
	uint64_t counts[LEFT_OUT_FACTS];
	bool is_ambiguous;             /* several recordings have told */
	const struct trace_file *file; /* that told last; NULL: none */
};

/* True if a key of kind info is about hits of a probe; then tells of which probe, and what. */
bool left_out_parse(struct trace_text key, enum left_out_fact *ret_fact,
		    struct trace_text *ret_probe);

/* Takes one fact as it is told, in order of time: each file of a recording tells what happened in
 * all of its files so far. A value that is no number is ignored. The file must outlive *left_out.
 */
void left_out_learn(struct left_out *left_out, const struct trace_file *file,
		    enum left_out_fact fact, struct trace_text value);

/* "    left out: 13,340 by --every; of 14,823 hits since the recording began", a line of its own;
 * nothing if nothing was left out, or if several recordings have told. */
void left_out_write(const struct left_out *left_out, FILE *out);

#endif
