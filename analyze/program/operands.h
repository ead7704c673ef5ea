/* analyze/program/operands.h - files that a command line names: files, directories, lists
 *
 * A directory stands for the files in it whose names end in .dz, in the order of their names; "-"
 * for standard input; and each line of a list for a file or a directory.
 */
#ifndef ANALYZE_PROGRAM_OPERANDS_H
#define ANALYZE_PROGRAM_OPERANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "analyze/program/file_opener.h"

/* All zero at first. */
struct operands {
	char **paths; /* owned, as are the texts */
	size_t count;
	size_t capacity;
	struct file_opener opener; /* started if there are more files than can be open at once */
	bool has_opener;
};

/* Standard input is copied to a file without a name before the sandbox is entered, unless it is a
 * file. More than this is refused. */
#define OPERANDS_SPOOL_BYTES (UINT64_C(4) << 30)

/* Adds an operand. On failure prints the reason and returns false. */
bool operands_add(struct operands *operands, const char *program, const char *path);

/* Adds each line of a file, "-" for standard input. Empty lines are ignored. On failure prints the
 * reason and returns false. */
bool operands_add_list(struct operands *operands, const char *program, const char *list);

/* Opens all files, in their order. Calls add() for each with a descriptor, which it takes ownership
 * of, or with -1 if operands_open() must be used for it. add() returns false on allocation failure.
 * On failure prints the reason and returns false. Call before entering the sandbox. */
bool operands_open_all(struct operands *operands, const char *program,
		       bool (*add)(void *context, const char *path, int fd), void *context);

/* Whether there are more files than can be open at once. */
bool operands_are_many(const struct operands *operands);

/* Lets operands_open() open the files that have been added. On failure prints the reason and
 * returns false. Call before entering the sandbox. */
bool operands_start_opener(struct operands *operands, const char *program);

/* Opens a file again; `context` is the operands. Returns a descriptor, or -1 with errno. */
int operands_open(void *context, size_t number);

/* Ends the opener and frees the paths. All zero is allowed. */
void operands_release(struct operands *operands);

#endif
