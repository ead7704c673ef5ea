/* analyze/cause/task_text.h - tasks, stacks and causes in words, for lines of text
 *
 * Everything that comes from a file is escaped. Whether writing worked is left to the stream, which
 * the program checks when it closes it.
 */
#ifndef ANALYZE_WORDING_H
#define ANALYZE_WORDING_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "abi/system_call.h"
#include "analyze/cause/cause.h"
#include "analyze/trace/trace.h"

/* Text from a file. */
void wording_text(FILE *out, struct trace_text text);

/* The same in a column: padded with blanks on the right up to `width` characters. */
void wording_column(FILE *out, struct trace_text text, size_t width);

/* "1 exit", "24,058 exits": what is counted is given as one of it. */
void wording_count(FILE *out, uint64_t count, const char *thing);

/* "bash[22222]"; "?" for NULL */
void wording_task(FILE *out, const struct trace_file *file, const struct dz_task *task);

/* "command: rm -f a", a line of its own behind the indentation; nothing if it is not known */
void wording_command_line(FILE *out, const struct trace_file *file, const struct dz_task *task,
			  const char *indent);

/* "sshd[901] <- systemd[1]": the ancestors, parent first; nothing if there are none */
void wording_ancestors(FILE *out, const struct trace_file *file, const struct dz_task *task);

/*
 * A task and its ancestors, each on a line of its own with its command line, which is cut if it is
 * long:
 *
 *     parents: sh[511]: sh -c ./run
 *           <- systemd[1]: /sbin/init
 *
 * False, with nothing written, if no command line of them is known. `task` may be NULL.
 */
bool wording_descent(FILE *out, const char *label, const struct trace_file *file,
		     const struct dz_task *task);

/* "epoll_wait <- Worker::loop <- main", at most `frames` of them; nothing for an empty stack */
void wording_stack(FILE *out, const struct trace_file *file, uint64_t stack, size_t frames);

/* One frame a line, leaf first, with offset, module and source line, each after `indent`. */
void wording_stack_lines(FILE *out, const struct trace_file *file, uint64_t stack,
			 const char *indent);

/* ", abort() called by libthird.so: third_check_failed <- third_init <- main": how the runtime was
 * asked to end the process, and by whom. False, with nothing written, if the stack does not tell.
 */
bool wording_end(FILE *out, const struct cause *cause);

/* ", segmentation fault reading 0x10 in parse_line of parser" */
void wording_fault(FILE *out, const struct cause *cause);

/* "killed by SIGUSR1 (10), sent by bash[22222] uid 0 with kill()" */
void wording_cause(FILE *out, const struct cause *cause);

/* The same as an allocated text, for JSON; NULL without memory. */
char *wording_cause_text(const struct cause *cause);

/* "kill", "tgkill", "sigqueue": the function with which a signal was sent, without parentheses;
 * empty if the trace does not tell. */
struct system_call_name wording_sending_call(const struct cause_signal *signal);

#endif
