/* symbols/demangle.h - C++ and Rust names as people write them */
#ifndef SYMBOLS_DEMANGLE_H
#define SYMBOLS_DEMANGLE_H

#include <stdbool.h>
#include <stddef.h>

#include "symbols/status.h"

/* Longer names are not tried: demanging takes stack in proportion. */
#define DEMANGLE_INPUT_MAX_BYTES 4095u

/* Writes the demangled form of `name` and a NUL into `buffer`. False, with `buffer` untouched or
 * cut, if the name is not mangled, too long, or its form does not fit: a few bytes can stand for
 * gigabytes, so it is given up as soon as the buffer is full. Takes no memory. */
MUST_CHECK bool demangle(const char *name, char *buffer, size_t buffer_size);

#endif
