/* format/trailer.c - last frame of a closed .dz file */
#include <dz/trailer.h>

#include <string.h>

#include "base/cursor.h"
#include "format/bytes.h"
#include "format/crc32c.h"

#define CONTENT_BYTES (DZ_TRAILER_BYTES - 8u)
#define CHECKSUM_AT   (DZ_TRAILER_BYTES - 4u)

static const char magic[8] = {'D', 'Z', 'E', 'N', 'D', '0', '0', '1'};

void dz_trailer_encode(const struct dz_trailer *trailer, uint8_t *out)
{
	dz_put_u32(out, DZ_TRAILER_MAGIC);
	dz_put_u32(out + 4, CONTENT_BYTES);
	memcpy(out + 8, magic, sizeof(magic));
	dz_put_u64(out + 16, trailer->file_id);
	dz_put_u64(out + 24, trailer->index_offset);
	dz_put_u64(out + 32, trailer->events);
	dz_put_u64(out + 40, trailer->offset);
	dz_put_u32(out + 48, trailer->blocks);
	dz_put_u32(out + 52, trailer->flags);
	dz_put_u32(out + 56, trailer->reserved);
	dz_put_u32(out + CHECKSUM_AT, dz_crc32c(out, CHECKSUM_AT));
}

enum dz_status dz_trailer_decode(const uint8_t *in, struct dz_trailer *ret_trailer)
{
	struct cursor cursor = cursor_over(in, DZ_TRAILER_BYTES);
	uint32_t frame_magic = cursor_u32(&cursor);
	uint32_t content_bytes = cursor_u32(&cursor);
	const uint8_t *name = cursor_take(&cursor, sizeof(magic));
	struct dz_trailer trailer;

	if (frame_magic != DZ_TRAILER_MAGIC || content_bytes != CONTENT_BYTES || !name ||
	    memcmp(name, magic, sizeof(magic)) != 0)
		return DZ_CORRUPT;
	trailer.file_id = cursor_u64(&cursor);
	trailer.index_offset = cursor_u64(&cursor);
	trailer.events = cursor_u64(&cursor);
	trailer.offset = cursor_u64(&cursor);
	trailer.blocks = cursor_u32(&cursor);
	trailer.flags = cursor_u32(&cursor);
	trailer.reserved = cursor_u32(&cursor);
	if (cursor_u32(&cursor) != dz_crc32c(in, CHECKSUM_AT))
		return DZ_CORRUPT;
	*ret_trailer = trailer;
	return DZ_OK;
}
