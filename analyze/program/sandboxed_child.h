/* analyze/program/sandboxed_child.h - processing of untrusted input in a child process
 *
 * A process in the sandbox cannot remove or rename the file that it writes. So a child enters the
 * sandbox, reads the input and writes the file. The parent never reads a byte of the input. It
 * renames or removes the file afterwards.
 */
#ifndef ANALYZE_PROGRAM_SANDBOXED_CHILD_H
#define ANALYZE_PROGRAM_SANDBOXED_CHILD_H

#include <stddef.h>

#include "analyze/program/program.h"

struct sandboxed_child_end {
	enum program_status status; /* result of work(); PROGRAM_FAILURE if it did not return */
	int signal; /* that ended the child, or that this process received meanwhile; 0: none */
};

/*
 * Runs work(context) in a child process and waits for its end. The child enters the sandbox before
 * (sandbox.h), and flushes its output afterwards. A SIGINT, SIGTERM, SIGHUP, SIGQUIT or SIGPIPE
 * that this process receives meanwhile kills the child, and is in the result. If the child cannot
 * be started, prints a message.
 */
struct sandboxed_child_end
sandboxed_child_run(const char *program, enum program_status (*work)(void *context), void *context);

#define SANDBOXED_CHILDREN_MAX 64u

/* The same for `count` children at the same time, at most SANDBOXED_CHILDREN_MAX: work() gets
 * contexts[0], contexts[1] and so on. The result is the worst of all ends. */
struct sandboxed_child_end sandboxed_children_run(const char *program,
						  enum program_status (*work)(void *context),
						  void *const *contexts, size_t count);

/* Ends a program after its cleanup: raises a signal that asked it to end, or prints a message if
 * another signal ended the child. Returns the exit status. */
enum program_status sandboxed_child_finish(const char *program,
					   const struct sandboxed_child_end *end);

#endif
