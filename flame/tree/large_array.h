/* flame/tree/large_array.h - arrays of hundreds of megabytes that are read at random */
#ifndef FLAME_TREE_LARGE_ARRAY_H
#define FLAME_TREE_LARGE_ARRAY_H
#include <stddef.h>

/*
 * Pages that are zero, in huge pages where the kernel gives them: most of the time of a large tree
 * goes into missing the translation of addresses. NULL without memory.
 */
void *large_array_new(size_t bytes);

/* Like realloc(); the new part is zero, the old array remains on failure. */
void *large_array_grow(void *array, size_t old_bytes, size_t bytes);

/* `array` may be NULL. */
void large_array_free(void *array, size_t bytes);
#endif
