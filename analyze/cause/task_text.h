/* analyze/cause/task_text.h - tasks, stacks and causes as text
 *
 * Text from a file is escaped. Write errors stay in the stream, which the program checks when it
 * closes the stream. NULL for a task means unknown, unless noted otherwise.
 */
#ifndef ANALYZE_CAUSE_TASK_TEXT_H
#define ANALYZE_CAUSE_TASK_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "abi/system_call.h"
#include "analyze/cause/cause.h"
#include "analyze/trace/trace.h"

/* Writes "[34001]", or "[34001/7]" if the thread has another number in its pid namespace. */
void task_text_tid(FILE *out, const struct cause_thread *thread);

/* Writes text from a file. */
void task_text_text(FILE *out, struct trace_text text);

/* Writes text from a file, padded on the right with spaces to `width` characters. */
void task_text_column(FILE *out, struct trace_text text, size_t width);

/* Writes "1 exit", "24,058 exits". `thing` is the singular. */
void task_text_count(FILE *out, uint64_t count, const char *thing);

/* Writes "bash[22222]", "?" for NULL. In a pid namespace below the initial one, its number there
 * follows: "bash[22222/7]". */
void task_text_task(FILE *out, const struct trace_file *file, const struct dz_task *task);

/* Writes the line "command: rm -f a" after `indent`. Writes nothing if the command line is unknown.
 * `task` must not be NULL. */
void task_text_command_line(FILE *out, const struct trace_file *file, const struct dz_task *task,
			    const char *indent);

/* Writes the ancestors, parent first: "sshd[901] <- systemd[1]". Writes nothing without ancestors.
 */
void task_text_ancestors(FILE *out, const struct trace_file *file, const struct dz_task *task);

/* Writes a count and the plural of the name of a kind: "5 exits", "13 deliveries", "1,589 user
 * stacks", "3 waits for a CPU". */
void task_text_events(FILE *out, uint64_t count, struct trace_text kind);

/*
 * Writes a task and its ancestors, one line each, with the first 100 characters of the command
 * line:
 *
 *     parents: sh[511]: sh -c ./run
 *           <- systemd[1]: /sbin/init
 *
 * Returns false and writes nothing if none of their command lines is known.
 */
bool task_text_ancestor_lines(FILE *out, const char *label, const struct trace_file *file,
			      const struct dz_task *task);

/* Writes at most `frames` frames: "epoll_wait <- Worker::loop <- main", then "..." if there are
 * more. Writes nothing for an empty stack. */
void task_text_stack(FILE *out, const struct trace_file *file, uint64_t stack, size_t frames);

/* Writes one frame a line, leaf first, with offset, module and source line, each after `indent`. */
void task_text_stack_lines(FILE *out, const struct trace_file *file, uint64_t stack,
			   const char *indent);

/* Writes the mechanism and the culprit: ", abort() called by libthird.so: third_check_failed <-
 * third_init <- main". Returns false and writes nothing if they are not in the stack. */
bool culprit_text_end(FILE *out, const struct cause *cause);

/* Forgets the texts that culprit_text_end() has kept. Call before a pass over a trace, like
 * culprit_forget(). */
void culprit_text_forget(void);

/* Writes a fault after the name of its signal: " reading 0x10 in parse_line of parser", ", stack
 * overflow in walk of parser". */
void culprit_text_fault(FILE *out, const struct cause *cause);

/* Writes what a handled signal has to do with an end: "; its handler re-raised it 3.7 ms later",
 * ", 5.0 ms after it handled SIGTERM from bash[22222]". Writes nothing if there is none. */
void handling_text_write(FILE *out, const struct cause *cause);

/* Writes an exit code, with what is known about it: "exit code 127 (shells: command not found)". */
void exit_code_text_write(FILE *out, const struct cause *cause);

/* Writes a cause: "SIGUSR1 sent by bash[22222] uid 0 with kill()", "exit code 7". All outputs have
 * the same text. */
void cause_text_write(FILE *out, const struct cause *cause);

/* Returns the text of a cause. The caller frees it. Returns NULL on allocation failure.
 */
char *cause_text_string(const struct cause *cause);

/* Returns the function that sent a signal, without parentheses: "kill", "tgkill", "sigqueue". Empty
 * if it is unknown. */
struct system_call_name task_text_sending_call(const struct cause_signal *signal);

#endif
