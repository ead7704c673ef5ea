/* flame/command/inputs.h - all inputs of one picture, .dz files and text, into its view */
#ifndef FLAME_COMMAND_INPUTS_H
#define FLAME_COMMAND_INPUTS_H
#include "flame/command/options.h"
#include "flame/input/input.h"
#include "flame/style/title_lines.h"
#include "flame/tree/view.h"
#include "text/progress.h"

struct inputs {
	const struct options *options; /* borrowed */
	struct view *view;             /* borrowed */
	int *fds;                      /* by input; -1 for those that a fold took over */
	struct fold *folds[2];         /* by stack_side: the .dz files; NULL without any */
	struct progress progress;
	struct line_reader lines; /* of the text in hand */
	uint64_t stacks;
	bool is_timed; /* the weights are nanoseconds */
	bool damaged;  /* part of an input could not be used */
};

/* Opens every input; prints which one cannot be, and then returns false. To be closed either way.
 */
bool inputs_open(struct inputs *inputs, const struct options *options, struct view *view);

/* A zeroed or closed one may be closed again. The view keeps what was read. */
void inputs_close(struct inputs *inputs);

/* Reads them all; prints what there is to say about them. False if nothing can be drawn. */
bool inputs_read(struct inputs *inputs);

/* Adds what is drawn and where it was recorded, for a title; nothing without .dz files. */
bool inputs_title(const struct inputs *inputs, struct title_lines *lines);

/* What .dz files tell about themselves: host, kernel, time, filters. False without memory. */
bool inputs_describe(const struct inputs *inputs, struct title_lines *lines);
#endif
