/* format/buffer.c - bytes that grow at their end */
#include "format/buffer.h"

#include <stdlib.h>
#include <string.h>

#define INITIAL_CAPACITY 256u
#define VARINT_MAX_BYTES 10u

static bool grow(struct dz_buffer *buffer, size_t needed)
{
	size_t capacity = buffer->capacity ? buffer->capacity : INITIAL_CAPACITY;
	uint8_t *data;

	while (capacity < needed && capacity <= SIZE_MAX / 2)
		capacity *= 2;
	if (capacity < needed)
		return false;
	data = realloc(buffer->data, capacity);
	if (!data)
		return false;
	buffer->data = data;
	buffer->capacity = capacity;
	return true;
}

uint8_t *dz_buffer_extend(struct dz_buffer *buffer, size_t size)
{
	size_t needed;
	uint8_t *start;

	if (buffer->failed)
		return NULL;
	if (__builtin_add_overflow(buffer->size, size, &needed) ||
	    ((needed > buffer->capacity || !buffer->data) && !grow(buffer, needed))) {
		buffer->failed = true;
		return NULL;
	}
	start = buffer->data + buffer->size;
	buffer->size = needed;
	return start;
}

void dz_buffer_put(struct dz_buffer *buffer, const void *bytes, size_t size)
{
	uint8_t *out = dz_buffer_extend(buffer, size);

	if (out && size)
		memcpy(out, bytes, size);
}

void dz_buffer_put_u8(struct dz_buffer *buffer, uint8_t value)
{
	dz_buffer_put(buffer, &value, 1);
}

void dz_buffer_put_varint(struct dz_buffer *buffer, uint64_t value)
{
	uint8_t bytes[VARINT_MAX_BYTES];
	size_t size = 0;

	while (value >= 0x80) {
		bytes[size++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	bytes[size++] = (uint8_t)value;
	dz_buffer_put(buffer, bytes, size);
}

void dz_buffer_clear(struct dz_buffer *buffer)
{
	buffer->size = 0;
	buffer->failed = false;
}

void dz_buffer_release(struct dz_buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct dz_buffer){0};
}
