/* base/buffer.h - a growing array of bytes
 *
 * Initialize with {0}, or with a limit. On allocation failure, or beyond the limit, `failed` stays
 * set and further bytes are dropped, so that a caller can put a whole structure and check once.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define BUFFER_FIRST_CAPACITY   256u
#define BUFFER_VARINT_MAX_BYTES 10u

struct buffer {
	uint8_t *data;
	size_t size;
	size_t capacity;
	size_t limit_bytes; /* largest size; 0: no limit */
	bool failed;
};

/* Appends `size` uninitialized bytes and returns them, or NULL on failure. The pointer is valid
 * until the next call. */
static inline uint8_t *buffer_extend(struct buffer *buffer, size_t size)
{
	size_t limit = buffer->limit_bytes ? buffer->limit_bytes : ARRAY_NO_LIMIT;
	size_t first = BUFFER_FIRST_CAPACITY < limit ? BUFFER_FIRST_CAPACITY : limit;
	size_t needed;
	uint8_t *data;

	if (buffer->failed)
		return NULL;
	if (buffer->data && size <= buffer->capacity - buffer->size) {
		data = buffer->data + buffer->size;
		buffer->size += size;
		return data;
	}
	if (__builtin_add_overflow(buffer->size, size, &needed)) {
		buffer->failed = true;
		return NULL;
	}
	data = array_grow(buffer->data, &buffer->capacity,
			  buffer->data || needed > first ? needed : first, 1, limit);
	if (!data) {
		buffer->failed = true;
		return NULL;
	}
	buffer->data = data;
	buffer->size = needed;
	return data + needed - size;
}

/* Appends a copy of `size` bytes. */
static inline void buffer_put(struct buffer *buffer, const void *bytes, size_t size)
{
	uint8_t *out = buffer_extend(buffer, size);

	if (out && size)
		memcpy(out, bytes, size);
}

/* Appends one byte. */
static inline void buffer_put_u8(struct buffer *buffer, uint8_t value)
{
	buffer_put(buffer, &value, 1);
}

/* Appends an unsigned integer as LEB128 in its shortest form: 300 becomes ac 02. */
static inline void buffer_put_varint(struct buffer *buffer, uint64_t value)
{
	uint8_t bytes[BUFFER_VARINT_MAX_BYTES];
	size_t size = 0;

	while (value >= 0x80) {
		bytes[size++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	bytes[size++] = (uint8_t)value;
	buffer_put(buffer, bytes, size);
}

/* Empties the buffer, keeps its memory, and clears `failed`. */
static inline void buffer_clear(struct buffer *buffer)
{
	buffer->size = 0;
	buffer->failed = false;
}

/* Frees the memory. The buffer is empty and can be used again, with the same limit. */
static inline void buffer_release(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){.limit_bytes = buffer->limit_bytes};
}

#endif
