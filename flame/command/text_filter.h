/* flame/command/text_filter.h - the options that select events and frames, for stacks from text */
#ifndef FLAME_COMMAND_TEXT_FILTER_H
#define FLAME_COMMAND_TEXT_FILTER_H
#include <stdbool.h>

#include "analyze/fold/fold.h"
#include "flame/tree/frame_list.h"
#include "flame/tree/stack.h"

/* Initialize `request` and `sink`, and zero the rest. */
struct text_filter {
	const struct fold_request *request; /* borrowed */
	struct stack_sink sink;             /* receives what is selected */
	struct frame_list frames;
	const char *refused;     /* option without effect on the input: static, NULL: none */
	const char *refused_why; /* static */
	uint64_t first_time_ns;
	uint64_t left_out; /* stacks that the options do not select */
	bool checked;      /* the first stack was seen, and the options fit */
	bool one_id;       /* an id was compared of which the text does not say what it is */
	bool is_active;    /* any option is set */
};

/* Whether any option would change or select stacks. */
bool text_filter_is_needed(const struct fold_request *request);

/* The function of a sink whose context is the filter. Returns FLAME_FORMAT after setting `refused`
 * if the input does not have what an option needs. */
enum flame_status text_filter_pass(void *context, const struct stack *stack);

/* Frees the memory. Can be called again. */
void text_filter_release(struct text_filter *filter);

#endif
