/* format/siphash.c - SipHash-1-3 */
#include "format/siphash.h"

#include <endian.h>
#include <string.h>

static inline uint64_t rotate_left(uint64_t value, unsigned bits)
{
	return (value << bits) | (value >> (64 - bits));
}

static inline void round_once(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate_left(v[1], 13) ^ v[0];
	v[0] = rotate_left(v[0], 32);
	v[2] += v[3];
	v[3] = rotate_left(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate_left(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate_left(v[1], 17) ^ v[2];
	v[2] = rotate_left(v[2], 32);
}

static inline uint64_t load_word(const uint8_t *in, size_t size)
{
	uint64_t word = 0;

	memcpy(&word, in, size);
	return le64toh(word);
}

uint64_t dz_siphash(const struct dz_siphash_key *key, const void *bytes, size_t size)
{
	const uint8_t *in = bytes;
	uint64_t v[4] = {key->words[0] ^ 0x736f6d6570736575, key->words[1] ^ 0x646f72616e646f6d,
			 key->words[0] ^ 0x6c7967656e657261, key->words[1] ^ 0x7465646279746573};
	size_t whole = size - size % sizeof(uint64_t);
	uint64_t word;

	for (size_t i = 0; i < whole; i += sizeof(uint64_t)) {
		word = load_word(in + i, sizeof(uint64_t));
		v[3] ^= word;
		round_once(v);
		v[0] ^= word;
	}
	word = (uint64_t)size << 56;
	if (size > whole)
		word |= load_word(in + whole, size - whole);
	v[3] ^= word;
	round_once(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		round_once(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
