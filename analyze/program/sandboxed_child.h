/* analyze/program/sandboxed_child.h - work on what a stranger made, in a process of its own
 *
 * A process that has locked itself in cannot remove or rename the file that it writes. So a child
 * does the work and locks itself in, and who started it, who never looks at a byte of the input,
 * decides what becomes of the file.
 */
#ifndef ANALYZE_PROGRAM_SANDBOXED_CHILD_H
#define ANALYZE_PROGRAM_SANDBOXED_CHILD_H

#include "analyze/program/program.h"

struct sandboxed_child_end {
	enum program_status status; /* what the work returned; PROGRAM_FAILURE if it ended before */
	int signal; /* that ended the work, or asked this process to end while it waited; 0: none */
};

/*
 * Runs work() in a child process and waits for it. The child locks itself in before (sandbox.h);
 * what it prints is flushed. While it runs, signals that end this process end the child first. If
 * there can be no child, the reason is printed.
 */
struct sandboxed_child_end
sandboxed_child_run(const char *program, enum program_status (*work)(void *context), void *context);

/* What a program does after it has cleaned up: says that the work crashed, or ends by the signal
 * that asked it to end. Returns the exit status. */
enum program_status sandboxed_child_finish(const char *program,
					   const struct sandboxed_child_end *end);

#endif
