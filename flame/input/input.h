/* flame/input/input.h - text that holds stacks, in any of the formats people have it in */
#ifndef FLAME_INPUT_INPUT_H
#define FLAME_INPUT_INPUT_H
#include <stdbool.h>

#include "flame/input/input_line.h"
#include "flame/tree/frame_list.h"
#include "flame/tree/stack.h"

enum input_format {
	INPUT_DETECT,
	INPUT_FOLDED,   /* a;b;c 12 */
	INPUT_DIAGNOSE, /* logs of diagnose-tools: ##CGROUP #@ #~ #* #^ ** */
	INPUT_PERF,     /* what perf script prints */
};

#define INPUT_COMPLAINTS_MAX 5u

/* One line that could not be used. */
struct input_complaint {
	uint64_t line;
	const char *reason; /* static text */
};

/* What there is to say about an input that was read. All zero before. */
struct input_report {
	enum input_format format; /* never INPUT_DETECT afterwards */
	uint64_t lines;
	uint64_t bad_lines;
	struct input_complaint complaints[INPUT_COMPLAINTS_MAX]; /* about the first of them */
	uint64_t cut_fractions; /* counts with more decimals than can be kept */
	uint64_t other_lines;   /* of another kind than the one that was chosen */
	char event[64];         /* INPUT_PERF: the event that was counted */
};

/* What the reader may do with the text beyond its format. */
struct input_options {
	enum input_format format;
	bool two_columns;  /* INPUT_FOLDED: a;b old new */
	const char *event; /* INPUT_PERF: the event to count; NULL for the first */
	enum stack_side side;
};

/* Finds the format from what the input begins with. */
enum input_format input_detect(const char *start, size_t size);

/* Called by the readers: counts the current line as bad and keeps the first complaints. */
void input_complain(struct input_report *report, const struct line_reader *lines,
		    const char *reason);

/*
 * Reads all of it and passes every stack on. Lines that cannot be used are reported and left out;
 * FLAME_OVERFLOW and what else the sink returns end the reading at report->lines.
 */
enum flame_status input_read(struct line_reader *lines, const struct input_options *options,
			     const struct stack_sink *sink, struct input_report *report);

/* The readers behind input_read(), one per format. */
enum flame_status input_folded_read(struct line_reader *lines, const struct input_options *options,
				    const struct stack_sink *sink, struct input_report *report);
enum flame_status input_diagnose_read(struct line_reader *lines,
				      const struct input_options *options,
				      const struct stack_sink *sink, struct input_report *report);
enum flame_status input_perf_read(struct line_reader *lines, const struct input_options *options,
				  const struct stack_sink *sink, struct input_report *report);

/*
 * Reads one folded line: the count at its end, the frames before it. Returns NULL, or why it cannot
 * be used. Used for the ready folded lines inside other formats too.
 */
struct folded_line {
	struct frame_list frames;
	uint64_t weights[2]; /* by stack_side */
	unsigned decimals[2];
	bool cut_fraction;
};

/* Replaces what *folded held; its frames point into the text. FLAME_FORMAT with *ret_reason. */
enum flame_status folded_line_parse(struct folded_line *folded, const struct input_line *line,
				    bool two_columns, const char **ret_reason);

#endif
