/* symbols/string_pool.c - many short strings in one block of memory */
#include "symbols/string_pool.h"

#include <stdlib.h>
#include <string.h>

struct string_pool string_pool_empty(uint32_t limit_bytes)
{
	return (struct string_pool){.buffer = {.limit_bytes = limit_bytes}};
}

enum symbols_status string_pool_add(struct string_pool *pool, const char *name, size_t length,
				    uint32_t *ret_name)
{
	struct buffer *buffer = &pool->buffer;
	size_t offset = buffer->size;
	uint8_t *out;

	if (length >= buffer->limit_bytes - offset)
		return SYMBOLS_LIMIT;
	out = buffer_extend(buffer, length + 1);
	if (!out) {
		buffer->failed = false;
		return SYMBOLS_NO_MEMORY;
	}
	memcpy(out, name, length);
	out[length] = '\0';
	*ret_name = (uint32_t)offset;
	return SYMBOLS_OK;
}

const char *string_pool_get(const struct string_pool *pool, uint32_t name)
{
	return (const char *)pool->buffer.data + name;
}

size_t string_pool_bytes(const struct string_pool *pool)
{
	return pool->buffer.size;
}

void string_pool_truncate(struct string_pool *pool, size_t size_bytes)
{
	pool->buffer.size = size_bytes;
}

char *string_pool_take(struct string_pool *pool, size_t *ret_size_bytes)
{
	struct buffer *buffer = &pool->buffer;
	size_t size = buffer->size;
	char *strings = size ? realloc(buffer->data, size) : NULL;

	if (size && !strings) /* nothing was moved */
		strings = (char *)buffer->data;
	if (size)
		buffer->data = NULL;
	buffer_release(buffer);
	*ret_size_bytes = size;
	return strings;
}

void string_pool_release(struct string_pool *pool)
{
	buffer_release(&pool->buffer);
}
