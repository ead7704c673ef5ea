/* format/intern.h - gives equal byte strings one number, from 1 on, in order of appearance
 *
 * The bytes are copied and stay where they are until the table is released. The names in them come
 * from hostile processes and files, so the hash has a secret key.
 */
#ifndef FORMAT_INTERN_H
#define FORMAT_INTERN_H

#include <stddef.h>
#include <stdint.h>

#include "format/siphash.h"

struct dz_intern_entry {
	const uint8_t *data; /* aligned to 8 if all sizes are multiples of 8 */
	uint32_t size;
	uint32_t hash;
};

struct dz_intern {
	struct dz_siphash_key key;
	struct dz_intern_entry *entries; /* entry n is at n - 1 */
	uint32_t count;
	size_t capacity;
	uint32_t *slots; /* numbers of entries, 0 for none; a power of two, at most half full */
	size_t slot_count;
	struct dz_intern_chunk *chunks; /* newest first */
	size_t memory_bytes;            /* all of the above */
};

/* Empty, without memory. */
void dz_intern_init(struct dz_intern *intern, const struct dz_siphash_key *key);

/* The number of the entry, which is added if it is new; 0 if there is no memory for it. */
uint32_t dz_intern_add(struct dz_intern *intern, const void *bytes, size_t size);

/* The number of the entry; 0 if there is none. */
uint32_t dz_intern_find(const struct dz_intern *intern, const void *bytes, size_t size);

/* NULL if there is no such entry. */
const struct dz_intern_entry *dz_intern_get(const struct dz_intern *intern, uint64_t number);

/* Empties it and frees its memory; it may be used again. */
void dz_intern_clear(struct dz_intern *intern);

#endif
