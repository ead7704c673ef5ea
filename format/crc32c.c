/* format/crc32c.c - CRC32C by the CRC32 instruction, or by a table of 16 entries */
#include "format/crc32c.h"

#include <string.h>

/* Remainders of the 4-bit numbers for the reflected polynomial 0x82f63b78. */
static const uint32_t nibble_table[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
	0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
	0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t dz_crc32c_portable(const void *bytes, size_t size)
{
	const uint8_t *in = bytes;
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= in[i];
		crc = (crc >> 4) ^ nibble_table[crc & 15];
		crc = (crc >> 4) ^ nibble_table[crc & 15];
	}
	return ~crc;
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(const uint8_t *in, size_t size)
{
	uint64_t crc = UINT32_MAX;
	size_t i = 0;

	for (; size - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, in + i, sizeof(word));
		crc = __builtin_ia32_crc32di(crc, word);
	}
	for (; i < size; i++)
		crc = __builtin_ia32_crc32qi((uint32_t)crc, in[i]);
	return ~(uint32_t)crc;
}
#endif

uint32_t dz_crc32c(const void *bytes, size_t size)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("sse4.2"))
		return crc32c_sse42(bytes, size);
#endif
	return dz_crc32c_portable(bytes, size);
}
