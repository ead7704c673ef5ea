/* format/bytes.h - stores little-endian integers at unaligned addresses */
#ifndef FORMAT_BYTES_H
#define FORMAT_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Each writes the 2, 4 or 8 bytes of the value to `out`. */
static inline void dz_put_u16(uint8_t *out, uint16_t value)
{
	value = htole16(value);
	memcpy(out, &value, sizeof(value));
}

static inline void dz_put_u32(uint8_t *out, uint32_t value)
{
	value = htole32(value);
	memcpy(out, &value, sizeof(value));
}

static inline void dz_put_u64(uint8_t *out, uint64_t value)
{
	value = htole64(value);
	memcpy(out, &value, sizeof(value));
}

#endif
