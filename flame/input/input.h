/* flame/input/input.h - stacks from text, in any of the formats that programs print */
#ifndef FLAME_INPUT_INPUT_H
#define FLAME_INPUT_INPUT_H
#include <stdbool.h>

#include "flame/input/input_line.h"
#include "flame/tree/frame_list.h"
#include "flame/tree/stack.h"

enum input_format {
	INPUT_DETECT,
	INPUT_FOLDED,   /* a;b;c 12 */
	INPUT_DIAGNOSE, /* logs of diagnose-tools: lines with ##CGROUP: #@ #~ #* #^ ** */
	INPUT_PERF,     /* the output of perf script */
	INPUT_BPFTRACE, /* maps with stacks: @[kstack, comm]: 12 */
	INPUT_BCC,      /* profile and offcputime of bcc without -f */
	INPUT_PPROF,    /* pprof -traces */
	INPUT_PPROF_RAW,
	INPUT_THREADS, /* dumps of threads by jstack, gdb and eu-stack */
	INPUT_FORMATS,
};

#define INPUT_COMPLAINTS_MAX 5u

/* One line that could not be used. */
struct input_complaint {
	uint64_t line;
	const char *reason; /* static */
};

#define INPUT_EVENTS_MAX     32u
#define INPUT_EVENT_NAME_MAX 64u

/* An event of perf, with the number of its samples. */
struct input_event {
	char name[INPUT_EVENT_NAME_MAX]; /* truncated if longer */
	uint64_t samples;
};

/* What was found in an input. Initialize with {0}. */
struct input_report {
	enum input_format format; /* after reading, never INPUT_DETECT */
	uint64_t lines;
	uint64_t bad_lines;
	struct input_complaint complaints[INPUT_COMPLAINTS_MAX]; /* about the first bad lines */
	uint64_t cut_fractions;           /* counts with more than STACK_DECIMALS_MAX decimals */
	uint64_t other_lines;             /* lines or samples of a kind that is not read */
	char event[INPUT_EVENT_NAME_MAX]; /* INPUT_PERF: the event that is counted */
	struct input_event events[INPUT_EVENTS_MAX]; /* INPUT_PERF: in order of appearance */
	size_t event_count;
	uint64_t further_events; /* samples of events for which there is no room */
	uint64_t lost_events;    /* INPUT_PERF: events that perf counted and could not record */
	uint64_t ignored_lines;  /* that need not be stacks: empty ones, comments, other output */
	const char *unit;        /* of the weights: static, NULL: unknown */
	bool is_binary;          /* has a NUL at its start */
	uint64_t two_counts;     /* INPUT_FOLDED: lines that could have two columns */
	const char *foreign;     /* why the file is refused: static, NULL: it is not */
};

/* How the text is read. */
struct input_options {
	enum input_format format;
	bool two_columns;  /* INPUT_FOLDED: a;b old new */
	const char *event; /* INPUT_PERF: the event to count; NULL: the first */
	enum stack_side side;
};

/* Counts a sample of the event, and returns whether it is the one that is drawn: that of
 * options->event, or the first. */
bool input_event_is_wanted(struct input_report *report, const struct input_options *options,
			   const struct input_line *event);

/* Sets the only event that is drawn, for formats with columns. */
void input_event_set(struct input_report *report, const struct input_line *event);

/* Returns the name of the format for messages, such as "folded text". Static. */
const char *input_format_text(enum input_format format);

/* Whether more than half of the lines that should be stacks cannot be used. */
bool input_is_unusable(const struct input_report *report);

/* Returns the format of an input that starts with these bytes. Never INPUT_DETECT. */
enum input_format input_detect(const char *start, size_t size);

/* For the readers of formats: counts the current line as bad, and stores the first complaints.
 * `reason` must be static. */
void input_complain(struct input_report *report, const struct line_reader *lines,
		    const char *reason);

/* Takes one line for a reader of a format. Any status but FLAME_OK ends the input. */
typedef enum flame_status input_line_taker(void *reader, const struct input_line *line,
					   const struct line_reader *lines);

/* For the readers of formats: calls take() for each line that is left. Returns FLAME_OK after the
 * last one, the status of take() if that is another, and fails as input_line_next() does. */
enum flame_status input_take_lines(struct line_reader *lines, input_line_taker *take, void *reader);

/*
 * Reads the input to its end, and passes every stack to the sink. Counts lines that cannot be used
 * in the report, and skips them. Returns FLAME_IO or FLAME_NO_MEMORY on failure, and FLAME_FORMAT
 * after setting report->foreign for a file of another format. Any status of the
 * sink but FLAME_OK ends the input, and is returned; report->lines is then the line.
 */
enum flame_status input_read(struct line_reader *lines, const struct input_options *options,
			     const struct stack_sink *sink, struct input_report *report);

/* The readers of the formats; input_read() calls one. */
enum flame_status input_folded_read(struct line_reader *lines, const struct input_options *options,
				    const struct stack_sink *sink, struct input_report *report);
enum flame_status input_diagnose_read(struct line_reader *lines,
				      const struct input_options *options,
				      const struct stack_sink *sink, struct input_report *report);
enum flame_status input_bpftrace_read(struct line_reader *lines,
				      const struct input_options *options,
				      const struct stack_sink *sink, struct input_report *report);
enum flame_status input_bcc_read(struct line_reader *lines, const struct input_options *options,
				 const struct stack_sink *sink, struct input_report *report);
enum flame_status input_pprof_read(struct line_reader *lines, const struct input_options *options,
				   const struct stack_sink *sink, struct input_report *report);
enum flame_status input_pprof_raw_read(struct line_reader *lines,
				       const struct input_options *options,
				       const struct stack_sink *sink, struct input_report *report);
enum flame_status input_threads_read(struct line_reader *lines, const struct input_options *options,
				     const struct stack_sink *sink, struct input_report *report);
enum flame_status input_perf_read(struct line_reader *lines, const struct input_options *options,
				  const struct stack_sink *sink, struct input_report *report);

/* One folded line: frames, then one or two counts. Initialize with {0}; reuse it for the next line;
 * release `frames` at the end. */
struct folded_line {
	struct frame_list frames;
	uint64_t weights[2]; /* by stack_side */
	unsigned decimals[2];
	bool cut_fraction;
	bool has_two_counts; /* could have, without --two-columns */
};

/* Parses the line into *folded, whose frames borrow the text. Returns FLAME_FORMAT and sets
 * *ret_reason if the line cannot be used, or FLAME_NO_MEMORY. */
enum flame_status folded_line_parse(struct folded_line *folded, const struct input_line *line,
				    bool two_columns, const char **ret_reason);

#endif
