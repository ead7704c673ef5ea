/* flame/input/input_foreign.h - files that cannot be read, and what to do with them */
#ifndef FLAME_INPUT_INPUT_FOREIGN_H
#define FLAME_INPUT_INPUT_FOREIGN_H
#include <stddef.h>

/* Returns the format of a file that starts with these bytes and what to do with it, such as "is
 * perf.data: run perf script on it"; NULL if it can be a format that is read. Static. */
const char *input_foreign(const char *start, size_t size);

#endif
