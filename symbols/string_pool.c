/* symbols/string_pool.c - many short strings in one piece of memory */
#include "symbols/string_pool.h"

#include <stdlib.h>
#include <string.h>

enum symbols_status string_pool_add(struct string_pool *names, const char *name, size_t length,
				    uint32_t *ret_name)
{
	size_t needed = names->size_bytes + length + 1;

	if (needed > names->limit_bytes)
		return SYMBOLS_LIMIT;
	if (needed > names->capacity) {
		size_t capacity = needed * 2 < names->limit_bytes ? needed * 2 : names->limit_bytes;
		char *grown = realloc(names->bytes, capacity);

		if (!grown)
			return SYMBOLS_NO_MEMORY;
		names->bytes = grown;
		names->capacity = capacity;
	}
	*ret_name = (uint32_t)names->size_bytes;
	memcpy(names->bytes + names->size_bytes, name, length);
	names->bytes[needed - 1] = '\0';
	names->size_bytes = needed;
	return SYMBOLS_OK;
}

void string_pool_shrink(struct string_pool *names)
{
	char *shrunk;

	if (names->size_bytes == 0)
		return;
	shrunk = realloc(names->bytes, names->size_bytes);
	if (shrunk) {
		names->bytes = shrunk;
		names->capacity = names->size_bytes;
	}
}

void string_pool_release(struct string_pool *names)
{
	free(names->bytes);
	*names = (struct string_pool){.limit_bytes = names->limit_bytes};
}
