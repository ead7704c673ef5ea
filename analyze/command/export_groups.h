/* analyze/command/export_groups.h - which files are one trace, and which child reads it */
#ifndef ANALYZE_COMMAND_EXPORT_GROUPS_H
#define ANALYZE_COMMAND_EXPORT_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/program/operands.h"
#include "analyze/trace/trace.h"

/* The files of the command line. */
struct export_inputs {
	const char **paths;
	int *fds; /* -1: operands_open() opens it */
	size_t count, capacity;
};

/* Files of one boot. */
struct export_group {
	size_t *files; /* numbers of the inputs, ascending */
	size_t count, capacity;
	uint64_t size_bytes;
	size_t worker;             /* the child that reads them */
	struct operands *operands; /* that open them */
};

struct export_groups {
	const struct export_inputs *inputs;
	struct export_group *groups; /* in the order of their first files */
	size_t count, capacity;
};

/* Reads the headers of the files, in the sandbox, and shares the groups out: each child has groups
 * that follow each other, with about the same bytes. A file without a valid header is a group.
 * jobs 0: all files are one group, of child 0. Borrows everything. Returns false on allocation
 * failure. The caller must call export_groups_release(), also on failure. */
bool export_groups_find(const struct export_inputs *inputs, struct operands *operands, size_t jobs,
			struct export_groups *ret_groups);

/* Returns a trace of the files of a group, which gets their descriptors. NULL on allocation
 * failure.
 */
struct trace *export_groups_trace(struct export_groups *groups, size_t number);

/* Frees the groups. */
void export_groups_release(struct export_groups *groups);

#endif
