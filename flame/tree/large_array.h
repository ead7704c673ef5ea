/* flame/tree/large_array.h - arrays of hundreds of megabytes with random access */
#ifndef FLAME_TREE_LARGE_ARRAY_H
#define FLAME_TREE_LARGE_ARRAY_H
#include <stddef.h>

/*
 * Returns zeroed memory, in huge pages if the kernel provides them: with small pages, most of the
 * time for a large tree is spent on TLB misses. Returns NULL on allocation failure.
 */
void *large_array_new(size_t bytes);

/* Does the same for a hash table, and makes all its pages present. A page that is read first and
 * written later takes two faults, and the second one interrupts the other thread. */
void *large_array_new_table(size_t bytes);

/* Changes the size, like realloc(). New bytes are zero. Returns NULL on failure; then the array is
 * unchanged. */
void *large_array_grow(void *array, size_t old_bytes, size_t bytes);

/* Frees the array; NULL is allowed. */
void large_array_free(void *array, size_t bytes);
#endif
