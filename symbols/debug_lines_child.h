/* symbols/debug_lines_child.h - finds source lines and inlined functions with libdw (internal) */
#ifndef SYMBOLS_DEBUG_LINES_CHILD_H
#define SYMBOLS_DEBUG_LINES_CHILD_H

#include "symbols/debug_lines_query.h"
#include "symbols/dwarf_child.h"

/* The task of a child for a struct debug_lines_query. The answer has for each function, in native
 * byte order: address index and line (32 bits each), offset (64 bits), whether it is inlined (32
 * bits), its name and its file (each with a NUL). */
void debug_lines_answer(Dwarf *dwarf, struct dwarf_writer *out, const void *query);

#endif
