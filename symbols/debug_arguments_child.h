/* symbols/debug_arguments_child.h - finds arguments of functions with libdw (internal) */
#ifndef SYMBOLS_DEBUG_ARGUMENTS_CHILD_H
#define SYMBOLS_DEBUG_ARGUMENTS_CHILD_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/dwarf_child.h"

struct debug_arguments_query {
	const uint64_t *addresses;
	size_t count;
};

/* The task of a child for a struct debug_arguments_query. The answer has for each result and
 * argument, in native byte order: function index, form, size and place (32 bits each), its name and
 * its type (each with a NUL). */
void debug_arguments_answer(Dwarf *dwarf, struct dwarf_writer *out, const void *query);

#endif
