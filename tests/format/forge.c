/* tests/format/forge.c - builds files block by block */
#include "tests/format/forge.h"

#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "format/crc32c.h"
#include <dz/file_header.h>

void forge_bytes(struct sample_file *file, const void *bytes, size_t size)
{
	struct dz_sink sink = sample_sink(file);
	struct iovec piece = {.iov_len = size};

	memcpy(&piece.iov_base, &bytes, sizeof(bytes));
	if (size && sink.write(sink.context, &piece, 1) != DZ_OK)
		abort();
}

void forge_header(struct sample_file *file, uint64_t seed)
{
	struct dz_file_header header = sample_header(seed);
	uint8_t bytes[DZ_FILE_HEADER_BYTES];

	dz_file_header_encode(&header, bytes);
	forge_bytes(file, bytes, sizeof(bytes));
}

void forge_stored(struct sample_file *file, const struct dz_block_header *header,
		  const void *stored, size_t size)
{
	struct dz_block_header own = *header;
	uint8_t bytes[DZ_BLOCK_HEADER_BYTES];

	own.stored_bytes = (uint32_t)size;
	own.payload_crc = dz_crc32c(stored, size);
	dz_block_header_encode(&own, bytes);
	forge_bytes(file, bytes, sizeof(bytes));
	forge_bytes(file, stored, size);
}

void forge_block(struct sample_file *file, const struct dz_block_header *header, const void *raw,
		 size_t size)
{
	struct dz_block_header own = *header;
	size_t bound = ZSTD_compressBound(size);
	uint8_t *stored = malloc(bound);
	size_t stored_size;

	if (!stored)
		abort();
	stored_size = ZSTD_compress(stored, bound, raw, size, 3);
	if (ZSTD_isError(stored_size))
		abort();
	own.raw_bytes = (uint32_t)size;
	forge_stored(file, &own, stored, stored_size);
	free(stored);
}

void forge_columns(struct buffer *payload, uint32_t count)
{
	buffer_put_varint(payload, count);
}

static void put_entry(struct buffer *payload, uint32_t field, uint8_t coding, size_t size)
{
	buffer_put_varint(payload, field);
	buffer_put_u8(payload, 0);
	buffer_put_u8(payload, coding);
	buffer_put_varint(payload, size);
}

void forge_constant(struct buffer *payload, struct buffer *data, uint32_t field, uint64_t value)
{
	size_t before = data->size;

	buffer_put_varint(data, value);
	put_entry(payload, field, 0, data->size - before);
}

void forge_varints(struct buffer *payload, struct buffer *data, uint32_t field,
		   const uint64_t *values, uint32_t count)
{
	size_t before = data->size;

	for (uint32_t i = 0; i < count; i++)
		buffer_put_varint(data, values[i]);
	put_entry(payload, field, 1, data->size - before);
}

void forge_join(struct buffer *payload, struct buffer *data)
{
	buffer_put(payload, data->data, data->size);
	buffer_release(data);
	if (payload->failed)
		abort();
}
