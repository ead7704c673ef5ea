/* format/file_header.c - first frame of a .dz file */
#include <dz/file_header.h>

#include <stdbool.h>
#include <string.h>

#include "base/cursor.h"
#include "format/bytes.h"
#include "format/crc32c.h"

#define FRAME_MAGIC    0x184D2A5Du
#define CONTENT_BYTES  (DZ_FILE_HEADER_BYTES - 8u)
#define RESERVED_BYTES 28u
#define CHECKSUM_AT    (DZ_FILE_HEADER_BYTES - 4u)
#define FEATURES_KNOWN 0u

static const char magic[8] = {'D', 'Z', 'T', 'R', 'A', 'C', 'E', '1'};

void dz_file_header_encode(const struct dz_file_header *header, uint8_t *out)
{
	memset(out, 0, DZ_FILE_HEADER_BYTES);
	dz_put_u32(out, FRAME_MAGIC);
	dz_put_u32(out + 4, CONTENT_BYTES);
	memcpy(out + 8, magic, sizeof(magic));
	dz_put_u16(out + 16, header->version_major);
	dz_put_u16(out + 18, header->version_minor);
	dz_put_u32(out + 20, header->features_required);
	dz_put_u32(out + 24, header->features_optional);
	dz_put_u32(out + 28, header->arch);
	memcpy(out + 32, header->uuid, sizeof(header->uuid));
	memcpy(out + 48, header->boot_id, sizeof(header->boot_id));
	dz_put_u32(out + 64, header->page_bytes);
	dz_put_u32(out + 68, header->cpu_count);
	dz_put_u64(out + 72, header->boottime_ns);
	dz_put_u64(out + 80, header->monotonic_ns);
	dz_put_u64(out + 88, header->realtime_ns);
	dz_put_u32(out + CHECKSUM_AT, dz_crc32c(out, CHECKSUM_AT));
}

static bool take_magic(struct cursor *cursor)
{
	uint32_t frame_magic = cursor_u32(cursor);
	uint32_t content_bytes = cursor_u32(cursor);
	const uint8_t *name = cursor_take(cursor, sizeof(magic));

	return frame_magic == FRAME_MAGIC && content_bytes == CONTENT_BYTES && name &&
	       memcmp(name, magic, sizeof(magic)) == 0;
}

static bool all_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i])
			return false;
	}
	return true;
}

enum dz_status dz_file_header_decode(const uint8_t *in, struct dz_file_header *ret_header)
{
	struct cursor cursor = cursor_over(in, DZ_FILE_HEADER_BYTES);
	struct dz_file_header header;
	const uint8_t *reserved;

	if (!take_magic(&cursor))
		return DZ_FOREIGN;
	header.version_major = cursor_u16(&cursor);
	header.version_minor = cursor_u16(&cursor);
	header.features_required = cursor_u32(&cursor);
	header.features_optional = cursor_u32(&cursor);
	header.arch = cursor_u32(&cursor);
	memcpy(header.uuid, cursor_take(&cursor, sizeof(header.uuid)), sizeof(header.uuid));
	memcpy(header.boot_id, cursor_take(&cursor, sizeof(header.boot_id)),
	       sizeof(header.boot_id));
	header.page_bytes = cursor_u32(&cursor);
	header.cpu_count = cursor_u32(&cursor);
	header.boottime_ns = cursor_u64(&cursor);
	header.monotonic_ns = cursor_u64(&cursor);
	header.realtime_ns = cursor_u64(&cursor);
	reserved = cursor_take(&cursor, RESERVED_BYTES);
	if (cursor_u32(&cursor) != dz_crc32c(in, CHECKSUM_AT))
		return DZ_CORRUPT;
	if (header.version_major != DZ_VERSION_MAJOR ||
	    header.features_required & ~FEATURES_KNOWN || !all_zero(reserved, RESERVED_BYTES))
		return DZ_UNSUPPORTED;
	*ret_header = header;
	return DZ_OK;
}

uint64_t dz_file_header_id(const struct dz_file_header *header)
{
	struct cursor cursor = cursor_over(header->uuid, sizeof(header->uuid));

	return cursor_u64(&cursor);
}

bool dz_file_header_starts(const uint8_t *in, size_t size)
{
	uint8_t expected[16];

	dz_put_u32(expected, FRAME_MAGIC);
	dz_put_u32(expected + 4, CONTENT_BYTES);
	memcpy(expected + 8, magic, sizeof(magic));
	return memcmp(in, expected, size < sizeof(expected) ? size : sizeof(expected)) == 0;
}
