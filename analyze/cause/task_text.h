/* analyze/cause/task_text.h - tasks, stacks and causes in words, for lines of text
 *
 * Everything that comes from a file is escaped. Whether writing worked is left to the stream, which
 * the program checks when it closes it.
 */
#ifndef ANALYZE_CAUSE_TASK_TEXT_H
#define ANALYZE_CAUSE_TASK_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "abi/system_call.h"
#include "analyze/cause/cause.h"
#include "analyze/trace/trace.h"

/* Text from a file. */
void task_text_text(FILE *out, struct trace_text text);

/* The same in a column: padded with blanks on the right up to `width` characters. */
void task_text_column(FILE *out, struct trace_text text, size_t width);

/* "1 exit", "24,058 exits": what is counted is given as one of it. */
void task_text_count(FILE *out, uint64_t count, const char *thing);

/* "bash[22222]"; "?" for NULL */
void task_text_task(FILE *out, const struct trace_file *file, const struct dz_task *task);

/* "command: rm -f a", a line of its own behind the indentation; nothing if it is not known */
void task_text_command_line(FILE *out, const struct trace_file *file, const struct dz_task *task,
			    const char *indent);

/* "sshd[901] <- systemd[1]": the ancestors, parent first; nothing if there are none */
void task_text_ancestors(FILE *out, const struct trace_file *file, const struct dz_task *task);

/*
 * A task and its ancestors, each on a line of its own with its command line, which is cut if it is
 * long:
 *
 *     parents: sh[511]: sh -c ./run
 *           <- systemd[1]: /sbin/init
 *
 * False, with nothing written, if no command line of them is known. `task` may be NULL.
 */
bool task_text_descent(FILE *out, const char *label, const struct trace_file *file,
		       const struct dz_task *task);

/* "epoll_wait <- Worker::loop <- main", at most `frames` of them; nothing for an empty stack */
void task_text_stack(FILE *out, const struct trace_file *file, uint64_t stack, size_t frames);

/* One frame a line, leaf first, with offset, module and source line, each after `indent`. */
void task_text_stack_lines(FILE *out, const struct trace_file *file, uint64_t stack,
			   const char *indent);

/* ", abort() called by libthird.so: third_check_failed <- third_init <- main": how the runtime was
 * asked to end the process, and by whom. False, with nothing written, if the stack does not tell.
 */
bool culprit_text_end(FILE *out, const struct cause *cause);

/* ", segmentation fault reading 0x10 in parse_line of parser" */
void culprit_text_fault(FILE *out, const struct cause *cause);

/* "killed by SIGUSR1 (10), sent by bash[22222] uid 0 with kill()" */
void cause_text_write(FILE *out, const struct cause *cause);

/* The same as an allocated text, for JSON; NULL without memory. */
char *cause_text_string(const struct cause *cause);

/* "kill", "tgkill", "sigqueue": the function with which a signal was sent, without parentheses;
 * empty if the trace does not tell. */
struct system_call_name task_text_sending_call(const struct cause_signal *signal);

#endif
