/* format/window.c - part of a source in memory, for reading it in order */
#include "format/window.h"

static size_t clamp(const struct dz_window *window, uint64_t offset, size_t size)
{
	uint64_t left;

	if (offset >= window->source->size_bytes)
		return 0;
	left = window->source->size_bytes - offset;
	return left < size ? (size_t)left : size;
}

enum dz_status dz_window_look(struct dz_window *window, uint64_t offset, size_t size, size_t ahead,
			      struct cursor *ret_cursor)
{
	struct cursor cursor;

	size = clamp(window, offset, size);
	if (size && (offset < window->offset || offset - window->offset + size > window->filled)) {
		size_t wanted = clamp(window, offset, ahead);
		enum dz_status status;

		window->filled = 0;
		status = window->source->read_at(window->source->context, offset, window->bytes,
						 wanted);
		if (status != DZ_OK)
			return status;
		window->offset = offset;
		window->filled = wanted;
	}
	cursor = cursor_over(window->bytes, size ? window->filled : 0);
	if (size)
		(void)cursor_take(&cursor, (size_t)(offset - window->offset));
	*ret_cursor = cursor;
	return DZ_OK;
}
