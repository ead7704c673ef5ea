/* symbols/dwarf_child.h - a sandboxed child that reads a debug file with libdw
 *
 * libdw was not written for untrusted input. So it runs in a child that can open no file and no
 * socket, and has limits of time and memory. Its answer is untrusted, too. */
#ifndef SYMBOLS_DWARF_CHILD_H
#define SYMBOLS_DWARF_CHILD_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

struct dwarf_files {
	int debug_fd;
	int alternate_fd; /* the common parts that dwz moved to a file; -1 if there is none */
};

/* The answer that the child writes. */
struct dwarf_writer {
	int fd;
	size_t left_bytes;
};

/* What the child does: answers a query. It runs without privileges, and may exit at any time. */
struct dwarf_task {
	void (*answer)(Dwarf *dwarf, struct dwarf_writer *writer, const void *query);
	const void *query;
	size_t answer_max_bytes;
	unsigned int time_limit_ms;
};

/* Carries out the task in a child. Borrows the files. On OK the caller frees *ret_answer. Returns
 * TIMEOUT, CORRUPT if the child crashed, LIMIT for a too long answer, IO, or NO_MEMORY. */
MUST_CHECK enum symbols_status dwarf_child_run(const struct dwarf_files *files,
					       const struct dwarf_task *task, uint8_t **ret_answer,
					       size_t *ret_bytes);

/* Opens the file with the common parts of a debug file, by the build ID in .gnu_debugaltlink and
 * with a function as that of struct debug_lines_query. Returns -1 if there is none. */
int dwarf_alternate_open(int debug_fd,
			 enum symbols_status (*open)(void *context, const uint8_t *build_id,
						     size_t build_id_bytes, int *ret_fd),
			 void *context);

/* In the child: appends to the answer; ends the child if it is too long. */
void dwarf_writer_put(struct dwarf_writer *writer, const void *bytes, size_t size);

/* In the child: appends a string with its NUL. Truncates a very long one. */
void dwarf_writer_put_string(struct dwarf_writer *writer, const char *string);

/* In the child: finds the compilation unit with code at an address. Returns false if there is none.
 */
bool dwarf_find_unit(Dwarf *dwarf, uint64_t address, Dwarf_Die *ret_unit);

/* In the child: finds the scopes around an address as they are nested in the code, the innermost
 * first. Returns their number, 0 if there are none; the caller frees *ret_scopes. */
int dwarf_find_scopes(Dwarf *dwarf, Dwarf_Die *unit, uint64_t address, Dwarf_Die **ret_scopes);

#endif
