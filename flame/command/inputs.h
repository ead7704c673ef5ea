/* flame/command/inputs.h - reads all inputs, .dz files and text, into a view */
#ifndef FLAME_COMMAND_INPUTS_H
#define FLAME_COMMAND_INPUTS_H
#include "analyze/program/operands.h"
#include "flame/command/options.h"
#include "flame/command/text_filter.h"
#include "flame/input/input.h"
#include "flame/input/read_ahead.h"
#include "flame/style/title_lines.h"
#include "flame/tree/view.h"
#include "text/progress.h"

struct inputs {
	const struct options *options; /* borrowed */
	struct view *view;             /* borrowed */
	struct operands operands;      /* the inputs: a directory is its files */
	size_t old_count;              /* the first of them are of the old side */
	struct operands traces[2];     /* by stack_side: those that are .dz files */
	int *fds;                      /* by input; -1: owned by a fold, or opened by it */
	struct fold *folds[2];         /* by stack_side: the .dz files; NULL: none */
	struct progress progress;
	struct read_ahead *ahead;    /* NULL: no text is so large that a second thread helps */
	struct input_source *source; /* of the current text */
	struct line_reader lines;    /* of it */
	struct text_filter filter;   /* of it */
	const char *unit;    /* of the weights of text: static or drawn_unit, NULL: unknown */
	char drawn_unit[32]; /* of a flame graph */
	uint64_t stacks;
	uint64_t lost_events;             /* of text: what its records say */
	uint64_t left_out;                /* stacks of text that the options do not select */
	char event[INPUT_EVENT_NAME_MAX]; /* of perf script; each stack is a sample of it */
	bool is_timed;                    /* weights are nanoseconds */
	bool damaged;                     /* part of an input cannot be used */
	bool misused; /* an option has no effect on an input, which was reported */
};

/* Opens every input. Borrows the options and the view. Returns false, after a message, on failure.
 * The caller must call inputs_close() in both cases. */
bool inputs_open(struct inputs *inputs, const struct options *options, struct view *view);

/* Starts a second thread if there is a large text to read. Call before entering the sandbox. */
void inputs_start_thread(struct inputs *inputs);

/* Enters the sandbox, in both threads. */
void inputs_enter_sandbox(struct inputs *inputs);

/* Closes the inputs. Can be called again, and for zeroed inputs. The view keeps its stacks. */
void inputs_close(struct inputs *inputs);

/* Reads all inputs into the view, and prints messages about them. Returns false if nothing can be
 * drawn. */
bool inputs_read(struct inputs *inputs);

/* Adds what was recorded, where and when, such as "exit on HOST, TIME for DURATION"; nothing
 * without .dz files.
 * Returns false on allocation failure. */
bool inputs_title(const struct inputs *inputs, struct title_lines *lines);

/* Adds the properties of .dz files: host, kernel, time, file, lost events, filters. Returns false
 * on allocation failure. */
bool inputs_describe(const struct inputs *inputs, struct title_lines *lines);
#endif
