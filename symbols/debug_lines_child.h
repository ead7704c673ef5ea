/* symbols/debug_lines_child.h - the part of debug_lines that reads with libdw, in a process of its
 * own (internal) */
#ifndef SYMBOLS_DEBUG_LINES_CHILD_H
#define SYMBOLS_DEBUG_LINES_CHILD_H

#include "symbols/debug_lines_query.h"

struct debug_lines_files {
	int debug_fd;
	int alternate_fd; /* what dwz took out of several debug files; -1 if there is none */
	int answer_fd;
};

/* The answer is, for each function: address index and line (32 bits each), offset (64 bits),
 * whether it is inlined (32 bits), its name and its file (each with a NUL). */

/* Gives up all rights but those to read and to answer, answers, and exits: with 0 if it went well.
 */
_Noreturn void debug_lines_child_run(const struct debug_lines_query *query,
				     const struct debug_lines_files *files);

#endif
