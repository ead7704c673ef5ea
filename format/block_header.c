/* format/block_header.c - header of a block */
#include "format/block_header.h"

#include <string.h>

#include "base/cursor.h"
#include "format/bytes.h"
#include "format/crc32c.h"
#include "format/limits.h"
#include <dz/schema.h>

#define CONTENT_BYTES (DZ_BLOCK_HEADER_BYTES - 8u)
#define CHECKSUM_AT   (DZ_BLOCK_HEADER_BYTES - 4u)

static const char magic[4] = {'D', 'Z', 'B', '1'};

void dz_block_header_encode(const struct dz_block_header *header, uint8_t *out)
{
	dz_put_u32(out, DZ_BLOCK_MAGIC);
	dz_put_u32(out + 4, CONTENT_BYTES);
	memcpy(out + 8, magic, sizeof(magic));
	dz_put_u16(out + 12, header->kind);
	dz_put_u16(out + 14, header->flags);
	dz_put_u64(out + 16, header->file_id);
	dz_put_u32(out + 24, header->sequence);
	dz_put_u32(out + 28, header->generation);
	dz_put_u32(out + 32, header->stored_bytes);
	dz_put_u32(out + 36, header->raw_bytes);
	dz_put_u32(out + 40, header->records);
	dz_put_u32(out + 44, header->reserved);
	dz_put_u64(out + 48, header->first);
	dz_put_u64(out + 56, header->last);
	dz_put_u32(out + 64, header->payload_crc);
	dz_put_u32(out + CHECKSUM_AT, dz_crc32c(out, CHECKSUM_AT));
}

enum dz_status dz_block_header_decode(const uint8_t *in, struct dz_block_header *ret_header)
{
	struct cursor cursor = cursor_over(in, DZ_BLOCK_HEADER_BYTES);
	uint32_t frame_magic = cursor_u32(&cursor);
	uint32_t content_bytes = cursor_u32(&cursor);
	const uint8_t *name = cursor_take(&cursor, sizeof(magic));
	struct dz_block_header header;

	if (frame_magic != DZ_BLOCK_MAGIC || content_bytes != CONTENT_BYTES || !name ||
	    memcmp(name, magic, sizeof(magic)) != 0)
		return DZ_CORRUPT;
	header.kind = cursor_u16(&cursor);
	header.flags = cursor_u16(&cursor);
	header.file_id = cursor_u64(&cursor);
	header.sequence = cursor_u32(&cursor);
	header.generation = cursor_u32(&cursor);
	header.stored_bytes = cursor_u32(&cursor);
	header.raw_bytes = cursor_u32(&cursor);
	header.records = cursor_u32(&cursor);
	header.reserved = cursor_u32(&cursor);
	header.first = cursor_u64(&cursor);
	header.last = cursor_u64(&cursor);
	header.payload_crc = cursor_u32(&cursor);
	if (cursor_u32(&cursor) != dz_crc32c(in, CHECKSUM_AT))
		return DZ_CORRUPT;
	*ret_header = header;
	return DZ_OK;
}

enum dz_status dz_block_header_check(const struct dz_block_header *header)
{
	if (header->flags || header->reserved)
		return DZ_UNSUPPORTED;
	if (header->raw_bytes > DZ_LIMIT_RAW_BYTES ||
	    header->stored_bytes > DZ_LIMIT_STORED_BYTES || header->records > DZ_LIMIT_RECORDS ||
	    header->generation >= DZ_LIMIT_GENERATIONS)
		return DZ_LIMIT;
	if (header->kind == 0 || header->records == 0 || header->first > header->last)
		return DZ_CORRUPT;
	if (header->kind >= DZ_KIND_FIRST_NOT_DICTIONARY)
		return DZ_OK;
	if (header->first == 0 || header->last - header->first != header->records - 1)
		return DZ_CORRUPT;
	return header->last > DZ_LIMIT_DICTIONARY_ENTRIES ? DZ_LIMIT : DZ_OK;
}
