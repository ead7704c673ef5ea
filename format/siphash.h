/* format/siphash.h - SipHash-2-4: a hash that who does not know the key cannot make collide */
#ifndef FORMAT_SIPHASH_H
#define FORMAT_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct dz_siphash_key {
	uint64_t words[2];
};

/* SipHash of that many bytes. */
uint64_t dz_siphash(const struct dz_siphash_key *key, const void *bytes, size_t size);

#endif
