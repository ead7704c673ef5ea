/* format/window.h - a part of a source in memory, for walking through it */
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

/* A cursor over what is in memory from offset on: at least size bytes, or as many as there are
 * before the end of the source. ahead: how many to read if they are not in memory, at least size,
 * at most DZ_WINDOW_BYTES. Valid until the next call. DZ_IO; DZ_TRUNCATED if the source has shrunk.
 */
DZ_MUST_CHECK enum dz_status dz_window_look(struct dz_window *window, uint64_t offset, size_t size,
					    size_t ahead, struct cursor *ret_cursor);

#endif
