/* format/intern.h - numbers distinct byte strings from 1, in order of appearance
 *
 * The table copies the bytes, which do not move until it is cleared. Strings come from untrusted
 * processes and files, so the hash has a secret key.
 */
#ifndef FORMAT_INTERN_H
#define FORMAT_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/siphash.h"

struct dz_intern_entry {
	const uint8_t *data; /* aligned to 8 bytes if all sizes are multiples of 8 */
	uint32_t size;
};

struct dz_intern {
	struct dz_siphash_key key;
	struct dz_intern_entry *entries; /* entry n is entries[n - 1] */
	uint32_t count;
	size_t capacity;
	/* Each has the hash of an entry above its number, 0 for none, so that a search looks at no
	 * entry but the right one. A power of two, at most half full. */
	uint64_t *slots;
	size_t slot_count;
	uint32_t hashed;                /* entries up to this number are in slots */
	struct dz_intern_chunk *chunks; /* newest first */
	size_t memory_bytes;            /* allocated for all of the above */
};

/* Sets an empty table. Allocates nothing. */
void dz_intern_init(struct dz_intern *intern, const struct dz_siphash_key *key);

/* Makes room for a table of `count` entries, at most for some 262144, so that it does not grow in
 * steps. Returns false on allocation failure. */
bool dz_intern_reserve(struct dz_intern *intern, uint64_t count);

/* Adds an entry without a search for an equal one. Its number is intern->count. Returns memory for
 * its bytes, which the caller must set before the next call. Returns NULL on allocation failure,
 * and for more than UINT32_MAX bytes or 2^31 entries. The entry is hashed at the next
 * dz_intern_add(). Until then, dz_intern_find() does not return it. */
void *dz_intern_append(struct dz_intern *intern, size_t size);

/* Returns the number of the entry, and adds it if it is new. Returns 0 on allocation failure, and
 * for more than UINT32_MAX bytes or 2^31 entries. */
uint32_t dz_intern_add(struct dz_intern *intern, const void *bytes, size_t size);

/* The two halves of dz_intern_add(), for at most UINT32_MAX bytes. dz_intern_hash() has the memory
 * fetched that the other half needs, which is best called after the hashes of some more entries. */
uint32_t dz_intern_hash(const struct dz_intern *intern, const void *bytes, size_t size);
uint32_t dz_intern_add_hashed(struct dz_intern *intern, const void *bytes, size_t size,
			      uint32_t hash);

/* Returns the number of the entry, 0 if there is none. */
uint32_t dz_intern_find(const struct dz_intern *intern, const void *bytes, size_t size);

/* Returns the entry, valid until the next addition, or NULL if there is none. */
static inline const struct dz_intern_entry *dz_intern_get(const struct dz_intern *intern,
							  uint64_t number)
{
	return number - 1 < intern->count ? &intern->entries[number - 1] : NULL;
}

/* Empties the table and frees its memory. It can be used again. */
void dz_intern_clear(struct dz_intern *intern);

#endif
