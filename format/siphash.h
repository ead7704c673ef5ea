/* format/siphash.h - SipHash-1-3, a hash whose collisions cannot be found without its key */
#ifndef FORMAT_SIPHASH_H
#define FORMAT_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct dz_siphash_key {
	uint64_t words[2];
};

/* Returns the SipHash of `size` bytes. */
uint64_t dz_siphash(const struct dz_siphash_key *key, const void *bytes, size_t size);

#endif
