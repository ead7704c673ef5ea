/* symbols/debug_types.h - types of values, by debug information (internal, for children) */
#ifndef SYMBOLS_DEBUG_TYPES_H
#define SYMBOLS_DEBUG_TYPES_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

#include "symbols/debug_argument.h"

#define DEBUG_TYPE_NAME_BYTES 128u

/* How the calling convention treats a value. */
enum debug_passing {
	DEBUG_PASSING_NOTHING,   /* void */
	DEBUG_PASSING_INTEGER,   /* in one integer register */
	DEBUG_PASSING_FLOAT,     /* in a floating-point register */
	DEBUG_PASSING_STRUCTURE, /* by the kinds of its words */
	DEBUG_PASSING_REFERENCE, /* its address, as C++ passes objects with a copy constructor */
	DEBUG_PASSING_OBJECT,    /* one of the last two: the type does not say which */
	DEBUG_PASSING_UNKNOWN,
};

struct debug_type {
	enum debug_argument_form form;
	enum debug_passing passing;
	uint32_t size_bytes;
	uint32_t integer_words; /* bit i: word i of a structure has a part that is no float; of a
				 * large one, all bits */
	uint32_t float_bytes;   /* of a structure: size of each of its floats; 0: it has none */
	char name[DEBUG_TYPE_NAME_BYTES]; /* as in C; truncated */
};

/* Returns whether functions of the unit around `die` keep to the calling convention of C. */
bool debug_type_has_c_convention(Dwarf_Die *die);

/* Describes the type of a parameter or, of a function, that of its result. */
void debug_type_of(Dwarf_Die *die, struct debug_type *ret_type);

#endif
