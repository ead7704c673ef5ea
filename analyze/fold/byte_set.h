/* analyze/fold/byte_set.h - different strings of bytes, numbered in the order of their first use */
#ifndef ANALYZE_FOLD_BYTE_SET_H
#define ANALYZE_FOLD_BYTE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

struct byte_set_entry {
	size_t offset; /* in `bytes`, a multiple of 8 */
	uint32_t size;
	uint32_t hash;
};

/* Initialize with {0}. The fields are private. */
struct byte_set {
	struct buffer bytes;
	struct byte_set_entry *entries;
	size_t count;
	size_t capacity;
	uint32_t *slots; /* number of an entry plus 1; 0: free */
	size_t slot_count;
};

/* Sets *ret_number to the number of these bytes, from 0. Copies them if they are new. `bytes` may
 * be NULL if `size` is 0. Returns false on allocation failure; then the set is unchanged. */
bool byte_set_add(struct byte_set *set, const void *bytes, size_t size, uint32_t *ret_number);

/* Returns the bytes with this number, aligned to 8, and sets *ret_size. They are valid until the
 * next call of byte_set_add(). */
const void *byte_set_get(const struct byte_set *set, uint32_t number, size_t *ret_size);

/* Frees the memory. The set is empty and can be used again. */
void byte_set_release(struct byte_set *set);

#endif
