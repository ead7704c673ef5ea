/* format/window.h - part of a source in memory, for reading it in order */
#ifndef FORMAT_WINDOW_H
#define FORMAT_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include <dz/source.h>
#include <dz/status.h>

#define DZ_WINDOW_BYTES 131072u

struct dz_window {
	const struct dz_source *source;
	uint64_t offset; /* of bytes[0] in the source */
	size_t filled;
	uint8_t bytes[DZ_WINDOW_BYTES];
};

/* Sets *ret_cursor to the bytes in memory from `offset` on: at least `size`, or all before the end
 * of the source. If they are not in memory, reads `ahead` bytes, at least `size` and at most
 * DZ_WINDOW_BYTES. The cursor is valid until the next call. Returns DZ_IO, or DZ_TRUNCATED if the
 * source has become shorter. */
DZ_MUST_CHECK enum dz_status dz_window_look(struct dz_window *window, uint64_t offset, size_t size,
					    size_t ahead, struct cursor *ret_cursor);

#endif
