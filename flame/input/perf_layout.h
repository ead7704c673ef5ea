/* flame/input/perf_layout.h - which fields the lines of a perf script output have */
#ifndef FLAME_INPUT_PERF_LAYOUT_H
#define FLAME_INPUT_PERF_LAYOUT_H
#include <stdbool.h>
#include <stdint.h>

#include "flame/input/input_line.h"

/* The numbers of a process and a thread in a header. */
enum perf_ids {
	PERF_IDS_NONE,
	PERF_IDS_ONE,  /* one number: a process or a thread, which the text does not say */
	PERF_IDS_PAIR, /* 101/103 */
};

/*
 * The choice of perf script -F, as far as the text shows it. It holds for the whole file:
 *
 *   COMM PID/TID [CPU] MISC TIME: PERIOD EVENT: anything else
 *           ADDRESS SYMBOL+OFFSET (MODULE)
 *
 * A header has a time, a CPU or a pair of ids; only without all of them its place decides.
 */
struct perf_layout {
	enum perf_ids ids;
	bool cpu;
	bool time;
	bool event;
	bool period;    /* only used without time, CPU and pair: a number before the event */
	bool misc;      /* only used without those: the letters of -F misc before the event */
	bool bare;      /* no header at all: an empty line, then frames */
	bool chains;    /* frames are on separate lines; otherwise a header has the only one */
	bool addresses; /* frames start with an address */
	bool tabs;      /* frames start with a tab */
	bool modules;   /* frames end in (MODULE) */
};

/* What one header says. Texts are empty, and numbers 0, where the layout has no such field. */
struct perf_header {
	struct input_line comm;
	struct input_line event; /* without its colon */
	struct input_line rest;  /* what follows the last field */
	uint64_t period;         /* 1 if the header has none */
	uint64_t time_ns;
	uint32_t pid; /* with PERF_IDS_ONE the same as tid */
	uint32_t tid;
	uint32_t cpu;
	bool has_cpu;
	bool has_ids;
	bool has_event;
	bool is_record; /* a PERF_RECORD_ line of --show-task-events and the like: no sample */
	bool overflow;  /* the period exceeds 64 bits */
};

/* Decides the layout from the start of an output. Returns false if no line is a sample. */
bool perf_layout_decide(const char *start, size_t size, struct perf_layout *ret_layout);

/* Whether headers are recognized by their form; otherwise a header follows an empty line. */
bool perf_layout_is_anchored(const struct perf_layout *layout);

/* Parses a header, whose text the result borrows. Returns false if the line does not have the form
 * of one. */
bool perf_header_parse(const struct perf_layout *layout, const struct input_line *line,
		       struct perf_header *ret_header);

/* Whether the line is neither a sample nor a frame: a comment of --header, source code of the field
 * srccode, the end of a round of --show-round-events. */
bool perf_is_comment(const struct input_line *line);

#endif
