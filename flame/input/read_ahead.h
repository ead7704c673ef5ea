/* flame/input/read_ahead.h - reads an input on a second thread, ahead of the first */
#ifndef FLAME_INPUT_READ_AHEAD_H
#define FLAME_INPUT_READ_AHEAD_H
#include "flame/input/input.h"

struct read_ahead;

/* Starts the thread, which then waits. Call before entering a sandbox, which forbids it. Returns
 * NULL if no thread can be started. The caller must call read_ahead_end(). */
struct read_ahead *read_ahead_start(void);

/* Makes the thread call enter(), such as for the same sandbox, and waits until it has returned. */
void read_ahead_enter(struct read_ahead *ahead, void (*enter)(void));

/*
 * Does the same as input_read(), with the same results, and calls the sink in the calling thread.
 * Until it returns, the reader of lines and what it reads from belong to the other thread. Reading
 * must not wait for other programs, as a pipe does: after a failure of the sink, the other thread
 * must notice.
 *
 * After a failure of the sink, the other thread may have read further than the stack that failed.
 * In the report, `lines`, `bad_lines`, `complaints` and `ignored_lines` are as of that stack; the
 * other counters can include later lines, and must not be reported. A problem of the source can be
 * behind that stack too.
 */
enum flame_status read_ahead_input(struct read_ahead *ahead, struct line_reader *lines,
				   const struct input_options *options,
				   const struct stack_sink *sink, struct input_report *report);

/* Ends the thread. NULL is allowed. */
void read_ahead_end(struct read_ahead *ahead);

#endif
