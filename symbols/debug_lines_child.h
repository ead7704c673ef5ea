/* symbols/debug_lines_child.h - the sandboxed child that reads debug files with libdw (internal) */
#ifndef SYMBOLS_DEBUG_LINES_CHILD_H
#define SYMBOLS_DEBUG_LINES_CHILD_H

#include "symbols/debug_lines_query.h"

struct debug_lines_files {
	int debug_fd;
	int alternate_fd; /* the common parts that dwz moved to a file; -1 if there is none */
	int answer_fd;
};

/* Drops all privileges except to read the two files and to write the answer, writes the answer, and
 * exits: with 0 on success, 1 on failure. The answer has for each function, in native byte order:
 * address index and line (32 bits each), offset (64 bits), whether it is inlined (32 bits), its
 * name and its file (each with a NUL). */
_Noreturn void debug_lines_child_run(const struct debug_lines_query *query,
				     const struct debug_lines_files *files);

#endif
