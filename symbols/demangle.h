/* symbols/demangle.h - C++ and Rust names as in the source */
#ifndef SYMBOLS_DEMANGLE_H
#define SYMBOLS_DEMANGLE_H

#include <stdbool.h>
#include <stddef.h>

#include "symbols/status.h"

/* Longer names stay mangled: demangling needs stack in proportion to the length. */
#define DEMANGLE_INPUT_MAX_BYTES 4095u

/* Writes the demangled form of `name` and a NUL to `buffer`. Allocates nothing. Returns false if
 * the name is not mangled, too long, or its form does not fit; then the contents of `buffer` are
 * undefined. A few bytes can expand to gigabytes, so demangling stops when the buffer is full. */
MUST_CHECK bool demangle(const char *name, char *buffer, size_t buffer_size);

#endif
