/* format/emitter.c - writes blocks, index and trailer to a sink */
#include "format/emitter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "format/crc32c.h"
#include "format/limits.h"
#include <dz/schema.h>
#include <dz/trailer.h>

#define INDEX_FIELDS     7u
#define INDEX_BLOCK_ROWS 32768u

/* A row of the index. Its sequence number is its position. */
struct dz_index_entry {
	uint64_t offset;
	uint64_t first;
	uint64_t last;
	uint32_t generation;
	uint32_t records;
	uint16_t kind;
};

static enum dz_status fail(struct dz_emitter *emitter, enum dz_status status)
{
	if (emitter->status == DZ_OK)
		emitter->status = status;
	return emitter->status;
}

static enum dz_status write_pieces(struct dz_emitter *emitter, const struct iovec *pieces,
				   int count)
{
	enum dz_status status = emitter->sink.write(emitter->sink.context, pieces, count);

	if (status != DZ_OK)
		return fail(emitter, status);
	for (int i = 0; i < count; i++)
		emitter->offset += pieces[i].iov_len;
	return DZ_OK;
}

enum dz_status dz_emitter_open(const struct dz_sink *sink, const struct dz_file_header *header,
			       int level, struct dz_emitter *ret_emitter)
{
	struct dz_emitter emitter = {
		.sink = *sink, .level = level, .file_id = dz_file_header_id(header)};
	uint8_t bytes[DZ_FILE_HEADER_BYTES];
	struct iovec piece = {.iov_base = bytes, .iov_len = sizeof(bytes)};
	enum dz_status status;

	emitter.compressor = ZSTD_createCCtx();
	if (!emitter.compressor)
		return DZ_NO_MEMORY;
	dz_file_header_encode(header, bytes);
	status = write_pieces(&emitter, &piece, 1);
	if (status != DZ_OK) {
		dz_emitter_release(&emitter);
		return status;
	}
	*ret_emitter = emitter;
	return DZ_OK;
}

static enum dz_status add_index_entry(struct dz_emitter *emitter,
				      const struct dz_block_header *header)
{
	struct dz_index_entry *index;

	if (emitter->blocks >= DZ_LIMIT_BLOCKS)
		return DZ_LIMIT;
	index = array_grow(emitter->index, &emitter->index_capacity, emitter->blocks + 1u,
			   sizeof(*index), DZ_LIMIT_BLOCKS);
	if (!index)
		return DZ_NO_MEMORY;
	emitter->index = index;
	emitter->index[emitter->blocks] = (struct dz_index_entry){
		.offset = emitter->offset,
		.first = header->first,
		.last = header->last,
		.generation = header->generation,
		.records = header->records,
		.kind = header->kind,
	};
	return DZ_OK;
}

enum dz_status dz_emitter_copy(struct dz_emitter *emitter, const struct dz_block_header *header,
			       const uint8_t *payload)
{
	struct dz_block_header own = *header;
	uint8_t bytes[DZ_BLOCK_HEADER_BYTES];
	struct iovec pieces[2] = {{.iov_base = bytes, .iov_len = sizeof(bytes)}};
	enum dz_status status = emitter->status;

	if (status == DZ_OK)
		status = add_index_entry(emitter, header);
	if (status != DZ_OK)
		return fail(emitter, status);
	own.file_id = emitter->file_id;
	own.sequence = emitter->blocks;
	dz_block_header_encode(&own, bytes);
	/* The sink only reads the payload; struct iovec has no const pointer. */
	memcpy(&pieces[1].iov_base, &payload, sizeof(payload));
	pieces[1].iov_len = header->stored_bytes;
	status = write_pieces(emitter, pieces, 2);
	if (status != DZ_OK)
		return status;
	emitter->blocks++;
	if (header->kind >= DZ_KIND_FIRST_EVENT)
		emitter->events += header->records;
	return DZ_OK;
}

/* Compresses bytes and appends the output to emitter->stored, until `mode` is done. */
static bool compress_piece(struct dz_emitter *emitter, const uint8_t *bytes, size_t size,
			   ZSTD_EndDirective mode)
{
	ZSTD_inBuffer in = {.src = bytes, .size = size};
	size_t left;

	do {
		ZSTD_outBuffer out;
		size_t had = emitter->stored.size;
		size_t room = ZSTD_CStreamOutSize();
		uint8_t *start = buffer_extend(&emitter->stored, room);

		if (!start)
			return false;
		out = (ZSTD_outBuffer){.dst = start, .size = room};
		left = ZSTD_compressStream2(emitter->compressor, &out, &in, mode);
		emitter->stored.size = had + out.pos;
		if (ZSTD_isError(left))
			return false;
	} while (left || in.pos < in.size);
	return true;
}

static bool compress(struct dz_emitter *emitter, const struct dz_packed *packed)
{
	const struct buffer *data = &packed->data;
	size_t at = 0;

	buffer_clear(&emitter->stored);
	if (ZSTD_isError(ZSTD_CCtx_reset(emitter->compressor, ZSTD_reset_session_only)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(emitter->compressor, ZSTD_c_compressionLevel,
						emitter->level)) ||
	    ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(emitter->compressor,
						     packed->directory.size + data->size)))
		return false;
	if (!compress_piece(emitter, packed->directory.data, packed->directory.size,
			    packed->break_count ? ZSTD_e_flush : ZSTD_e_continue))
		return false;
	for (size_t i = 0; i < packed->break_count; i++) {
		if (packed->breaks[i] >= data->size)
			break;
		if (!compress_piece(emitter, data->data + at, packed->breaks[i] - at, ZSTD_e_flush))
			return false;
		at = packed->breaks[i];
	}
	/* Without data there is no pointer to add to. */
	return compress_piece(emitter, data->size ? data->data + at : NULL, data->size - at,
			      ZSTD_e_end);
}

enum dz_status dz_emitter_put(struct dz_emitter *emitter, const struct dz_block_header *header,
			      const struct dz_packed *packed)
{
	struct dz_block_header own = *header;

	if (emitter->status != DZ_OK)
		return emitter->status;
	if (packed->directory.failed || packed->data.failed || !compress(emitter, packed))
		return fail(emitter, DZ_NO_MEMORY);
	own.flags = 0;
	own.reserved = 0;
	own.raw_bytes = (uint32_t)(packed->directory.size + packed->data.size);
	own.stored_bytes = (uint32_t)emitter->stored.size;
	own.payload_crc = dz_crc32c(emitter->stored.data, emitter->stored.size);
	return dz_emitter_copy(emitter, &own, emitter->stored.data);
}

static void fill_index_columns(const struct dz_emitter *emitter, uint32_t start, uint32_t rows,
			       uint64_t *columns)
{
	for (uint32_t i = 0; i < rows; i++) {
		const struct dz_index_entry *entry = &emitter->index[start + i];
		struct dz_index row = {
			.offset = entry->offset,
			.kind = entry->kind,
			.generation = entry->generation,
			.sequence = start + i,
			.first = entry->first,
			.last = entry->last,
			.records = entry->records,
		};
		uint64_t values[INDEX_FIELDS];

		static_assert(sizeof(row) == sizeof(values), "INDEX_FIELDS is not up to date");
		memcpy(values, &row, sizeof(values));
		for (uint32_t field = 0; field < INDEX_FIELDS; field++)
			columns[(size_t)field * rows + i] = values[field];
	}
}

static enum dz_status put_index_block(struct dz_emitter *emitter, uint32_t generation,
				      uint32_t start, uint32_t rows)
{
	struct dz_block_header header = {
		.kind = DZ_KIND_INDEX, .generation = generation, .records = rows};
	uint64_t *columns = calloc((size_t)(INDEX_FIELDS + 1) * rows, sizeof(*columns));
	struct dz_packed packed = {0};
	enum dz_status status;

	if (!columns)
		return fail(emitter, DZ_NO_MEMORY);
	fill_index_columns(emitter, start, rows, columns);
	dz_table_encode(columns, INDEX_FIELDS, rows, columns + (size_t)INDEX_FIELDS * rows,
			&packed);
	status = dz_emitter_put(emitter, &header, &packed);
	dz_packed_release(&packed);
	free(columns);
	return status;
}

enum dz_status dz_emitter_close(struct dz_emitter *emitter, uint32_t generation, uint32_t flags)
{
	struct dz_trailer trailer = {
		.file_id = emitter->file_id, .index_offset = emitter->offset, .flags = flags};
	uint8_t bytes[DZ_TRAILER_BYTES];
	struct iovec piece = {.iov_base = bytes, .iov_len = sizeof(bytes)};
	uint32_t indexed = emitter->no_index ? 0 : emitter->blocks;

	for (uint32_t start = 0; start < indexed; start += INDEX_BLOCK_ROWS) {
		uint32_t rows = indexed - start;
		enum dz_status status =
			put_index_block(emitter, generation, start,
					rows < INDEX_BLOCK_ROWS ? rows : INDEX_BLOCK_ROWS);

		if (status != DZ_OK)
			return status;
	}
	trailer.offset = emitter->offset;
	trailer.events = emitter->events;
	trailer.blocks = emitter->blocks;
	dz_trailer_encode(&trailer, bytes);
	return emitter->status == DZ_OK ? write_pieces(emitter, &piece, 1) : emitter->status;
}

void dz_emitter_release(struct dz_emitter *emitter)
{
	ZSTD_freeCCtx(emitter->compressor);
	buffer_release(&emitter->stored);
	free(emitter->index);
	*emitter = (struct dz_emitter){0};
}
