/* format/cursor.h - reads untrusted bytes within their bounds
 *
 * All access to the bytes of a file goes through a cursor. A read beyond the end gives 0 or NULL,
 * moves nothing, and sets overrun for good, so that a caller may read a whole structure and check
 * once.
 */
#ifndef FORMAT_CURSOR_H
#define FORMAT_CURSOR_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct dz_cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool overrun; /* a read went beyond the end, or a varint beyond 64 bits */
};

/* The bytes are borrowed as long as the cursor and what was taken with it. They may be
 * NULL if size is 0. */
static inline struct dz_cursor dz_cursor_over(const void *bytes, size_t size)
{
	const uint8_t *start = bytes;

	return (struct dz_cursor){.at = start, .end = size ? start + size : start};
}

/* Bytes before the end. */
static inline size_t dz_cursor_left(const struct dz_cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

/* The next size bytes, or NULL. */
static inline const uint8_t *dz_cursor_take(struct dz_cursor *cursor, size_t size)
{
	const uint8_t *taken = cursor->at;

	if (size > dz_cursor_left(cursor)) {
		cursor->overrun = true;
		return NULL;
	}
	/* An empty cursor may be over no memory at all. */
	if (size)
		cursor->at += size;
	return taken;
}

/* Little-endian integers, which need not be aligned. */
static inline uint8_t dz_cursor_u8(struct dz_cursor *cursor)
{
	const uint8_t *in = dz_cursor_take(cursor, 1);

	return in ? *in : 0;
}

static inline uint16_t dz_cursor_u16(struct dz_cursor *cursor)
{
	const uint8_t *in = dz_cursor_take(cursor, sizeof(uint16_t));
	uint16_t value = 0;

	if (in)
		memcpy(&value, in, sizeof(value));
	return le16toh(value);
}

static inline uint32_t dz_cursor_u32(struct dz_cursor *cursor)
{
	const uint8_t *in = dz_cursor_take(cursor, sizeof(uint32_t));
	uint32_t value = 0;

	if (in)
		memcpy(&value, in, sizeof(value));
	return le32toh(value);
}

static inline uint64_t dz_cursor_u64(struct dz_cursor *cursor)
{
	const uint8_t *in = dz_cursor_take(cursor, sizeof(uint64_t));
	uint64_t value = 0;

	if (in)
		memcpy(&value, in, sizeof(value));
	return le64toh(value);
}

/* An unsigned LEB128 integer of at most 64 bits. */
static inline uint64_t dz_cursor_varint(struct dz_cursor *cursor)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && cursor->at < cursor->end; shift += 7) {
		uint8_t byte = *cursor->at++;

		if (shift == 63 && byte > 1)
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	cursor->overrun = true;
	return 0;
}

#endif
