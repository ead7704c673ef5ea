/* base/cursor.h - bounded reads of untrusted bytes
 *
 * Every access to untrusted bytes uses a cursor. It never reads at or beyond its end. A read that
 * does not fit returns 0 or NULL and sets `failed`, which stays set: all later reads return 0 or
 * NULL too. So a caller can read a whole structure and check once.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool failed; /* a read went beyond the end, or an integer beyond its bits */
};

/* Returns a cursor over `size` bytes, which it borrows. `bytes` can be NULL if `size` is 0. */
static inline struct cursor cursor_over(const void *bytes, size_t size)
{
	const uint8_t *start = bytes;

	return (struct cursor){.at = start, .end = size ? start + size : start};
}

/* Returns the number of bytes before the end, also for a cursor that has failed. */
static inline size_t cursor_left(const struct cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

/* Advances by `size` bytes and returns their start, or NULL if fewer are left. */
static inline const uint8_t *cursor_take(struct cursor *cursor, uint64_t size)
{
	const uint8_t *taken = cursor->at;

	if (cursor->failed || size > cursor_left(cursor)) {
		cursor->failed = true;
		return NULL;
	}
	if (size) /* an empty cursor can be without memory */
		cursor->at += size;
	return taken;
}

/* Read little-endian integers, at any alignment. */
static inline uint8_t cursor_u8(struct cursor *cursor)
{
	const uint8_t *in = cursor_take(cursor, 1);

	return in ? *in : 0;
}

static inline uint16_t cursor_u16(struct cursor *cursor)
{
	const uint8_t *in = cursor_take(cursor, sizeof(uint16_t));
	uint16_t value = 0;

	if (in)
		memcpy(&value, in, sizeof(value));
	return le16toh(value);
}

static inline uint32_t cursor_u32(struct cursor *cursor)
{
	const uint8_t *in = cursor_take(cursor, sizeof(uint32_t));
	uint32_t value = 0;

	if (in)
		memcpy(&value, in, sizeof(value));
	return le32toh(value);
}

static inline uint64_t cursor_u64(struct cursor *cursor)
{
	const uint8_t *in = cursor_take(cursor, sizeof(uint64_t));
	uint64_t value = 0;

	if (in)
		memcpy(&value, in, sizeof(value));
	return le64toh(value);
}

/* Reads a little-endian integer of 1 to 8 bytes. */
static inline uint64_t cursor_unsigned(struct cursor *cursor, unsigned int size)
{
	const uint8_t *taken = cursor_take(cursor, size);
	uint64_t value = 0;

	if (!taken)
		return 0;
	for (unsigned int i = size; i-- > 0;)
		value = value << 8 | taken[i];
	return value;
}

/* Extends the lowest `bits` (1 to 63) of a value to a two's complement integer of 64 bits. Returns
 * the value for other numbers of bits. */
static inline uint64_t cursor_sign_extend(uint64_t value, unsigned int bits)
{
	if (bits > 0 && bits < 64 && (value >> (bits - 1) & 1))
		value |= ~UINT64_C(0) << bits;
	return value;
}

/* Reads a two's complement integer of 1 to 8 bytes. */
static inline int64_t cursor_signed(struct cursor *cursor, unsigned int size)
{
	return (int64_t)cursor_sign_extend(cursor_unsigned(cursor, size), size * 8);
}

/* Reads an unsigned LEB128 integer as in dz(5): one with more than 64 bits fails. */
static inline uint64_t cursor_varint(struct cursor *cursor)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64 && !cursor->failed && cursor->at < cursor->end;
	     shift += 7) {
		uint8_t byte = *cursor->at++;

		if (shift == 63 && byte > 1)
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	cursor->failed = true;
	return 0;
}

/* Reads a LEB128 integer as in DWARF (DWARF 5, 7.6). Bits beyond the 64th are ignored, as in other
 * DWARF readers; more than ten bytes fail. */
static inline uint64_t cursor_leb128(struct cursor *cursor, bool is_signed)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 70; shift += 7) {
		uint8_t byte = cursor_u8(cursor);

		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		if (cursor->failed)
			return 0;
		return is_signed ? cursor_sign_extend(value, shift + 7) : value;
	}
	cursor->failed = true;
	return 0;
}

/* Call cursor_leb128() for an unsigned or a signed integer. */
static inline uint64_t cursor_uleb128(struct cursor *cursor)
{
	return cursor_leb128(cursor, false);
}

static inline int64_t cursor_sleb128(struct cursor *cursor)
{
	return (int64_t)cursor_leb128(cursor, true);
}

/* Reads a string with its NUL. Returns NULL if no NUL follows. */
static inline const char *cursor_string(struct cursor *cursor)
{
	const uint8_t *start = cursor->at;
	const uint8_t *nul =
		cursor->failed || !start ? NULL : memchr(start, 0, cursor_left(cursor));

	if (!nul) {
		cursor->failed = true;
		return NULL;
	}
	cursor->at = nul + 1;
	return (const char *)start;
}

#endif
