/* symbols/cursor.h - reads little-endian and LEB128 values that somebody else wrote */
#ifndef SYMBOLS_CURSOR_H
#define SYMBOLS_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Never reads at or beyond `end`. A read that does not fit sets `failed` for good and returns 0, so
 * that a run of reads needs one check at its end. */
struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
};

/* The bytes are borrowed as long as the cursor and what was taken with it. */
static inline struct cursor cursor_over(const uint8_t *bytes, size_t size)
{
	return (struct cursor){.at = bytes, .end = bytes + size};
}

/* Bytes before the end, also of a cursor that has failed. */
static inline size_t cursor_left(const struct cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

/* Moves on by `size` bytes and returns where they begin, or NULL if they are not there. */
static inline const uint8_t *cursor_take(struct cursor *cursor, uint64_t size)
{
	const uint8_t *taken = cursor->at;

	if (cursor->failed || size > cursor_left(cursor)) {
		cursor->failed = true;
		return NULL;
	}
	cursor->at += size;
	return taken;
}

/* `size` is 1 to 8. */
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

/* The lowest `bits` of a value, at least 1, as a two's complement integer of 64 bits. */
static inline uint64_t cursor_sign_extend(uint64_t value, unsigned int bits)
{
	if (bits < 64 && (value >> (bits - 1) & 1))
		value |= ~UINT64_C(0) << bits;
	return value;
}

/* Two's complement; `size` is 1 to 8. */
static inline int64_t cursor_signed(struct cursor *cursor, unsigned int size)
{
	return (int64_t)cursor_sign_extend(cursor_unsigned(cursor, size), size * 8);
}

/* cursor_unsigned() of 1, 4 and 8 bytes. */
static inline uint8_t cursor_u8(struct cursor *cursor)
{
	return (uint8_t)cursor_unsigned(cursor, 1);
}

static inline uint32_t cursor_u32(struct cursor *cursor)
{
	return (uint32_t)cursor_unsigned(cursor, 4);
}

static inline uint64_t cursor_u64(struct cursor *cursor)
{
	return cursor_unsigned(cursor, 8);
}

/* Bits beyond the 64th are dropped, as every DWARF reader does; ten bytes are the most that is
 * accepted. */
static inline uint64_t cursor_leb128(struct cursor *cursor, bool is_signed)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 70; shift += 7) {
		uint8_t byte = cursor_u8(cursor);

		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte & 0x80)
			continue;
		return is_signed ? cursor_sign_extend(value, shift + 7) : value;
	}
	cursor->failed = true;
	return 0;
}

/* cursor_leb128() without and with a sign. */
static inline uint64_t cursor_uleb128(struct cursor *cursor)
{
	return cursor_leb128(cursor, false);
}

static inline int64_t cursor_sleb128(struct cursor *cursor)
{
	return (int64_t)cursor_leb128(cursor, true);
}

/* The NUL-terminated string at the cursor, or NULL if no NUL follows. */
static inline const char *cursor_string(struct cursor *cursor)
{
	const uint8_t *start = cursor->at;
	const uint8_t *nul = cursor->failed ? NULL : memchr(start, 0, cursor_left(cursor));

	if (!nul) {
		cursor->failed = true;
		return NULL;
	}
	cursor->at = nul + 1;
	return (const char *)start;
}

#endif
