/* tests/fuzz/format_input.c - turns inputs of the fuzz targets for format/ into .dz files */
#include "tests/fuzz/format_input.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cursor.h"
#include "format/block_header.h"
#include "format/bytes.h"
#include "format/crc32c.h"
#include <dz/file_header.h>
#include <dz/reader.h>
#include <dz/repair.h>
#include <dz/rewrite.h>
#include <dz/trailer.h>

/* A fuzzer must read each file in little memory. */
#define MEMORY_LIMIT_BYTES 134217728u

/* Events whose references are followed: following them takes longer than reading all events. */
#define FOLLOWED_MAX 20000u

/* Ancestors that are followed. */
#define ANCESTORS_MAX 64u

#define FRAME_HEADER_BYTES 12u /* of a zstd frame with one raw block */
#define FRAME_RAW_MAX      131072u

static const struct dz_file_header file_header = {
	.version_major = DZ_VERSION_MAJOR,
	.uuid = {1, 2, 3, 4, 5, 6, 7, 8},
	.realtime_ns = 1,
};

void format_input_start(struct format_input *input, uint8_t *data, size_t capacity)
{
	*input = (struct format_input){.data = data, .capacity = capacity};
	dz_file_header_encode(&file_header, data);
	input->size = DZ_FILE_HEADER_BYTES;
}

/* Writes a zstd frame of a single segment with a content size of 4 bytes and one raw block. */
static void put_frame(uint8_t *out, const uint8_t *raw, uint32_t size)
{
	dz_put_u32(out, 0xFD2FB528u);
	out[4] = 0xA0;
	dz_put_u32(out + 5, size);
	dz_put_u32(out + 8, 0);
	out[9] = (uint8_t)(1u | size << 3);
	out[10] = (uint8_t)(size >> 5);
	out[11] = (uint8_t)(size >> 13);
	memcpy(out + FRAME_HEADER_BYTES, raw, size);
	dz_put_u32(out + 5, size);
}

size_t format_input_block(struct format_input *input, const uint8_t *bytes, size_t size)
{
	struct cursor cursor = cursor_over(bytes, size);
	struct dz_block_header header = {.file_id = dz_file_header_id(&file_header)};
	uint32_t raw_bytes;
	size_t needed;
	uint8_t *out;

	if (size < FORMAT_INPUT_BLOCK_BYTES)
		return 0;
	header.kind = cursor_u8(&cursor);
	header.generation = cursor_u8(&cursor);
	header.records = cursor_u16(&cursor);
	header.first = cursor_u64(&cursor);
	header.last = header.first + cursor_u32(&cursor);
	raw_bytes = cursor_u16(&cursor);
	if (raw_bytes > cursor_left(&cursor))
		raw_bytes = (uint32_t)cursor_left(&cursor);
	needed = DZ_BLOCK_HEADER_BYTES + FRAME_HEADER_BYTES + raw_bytes;
	if (needed > input->capacity - input->size)
		return 0;
	out = input->data + input->size;
	put_frame(out + DZ_BLOCK_HEADER_BYTES, cursor.at, raw_bytes);
	header.sequence = input->sequence++;
	header.raw_bytes = raw_bytes;
	header.stored_bytes = FRAME_HEADER_BYTES + raw_bytes;
	header.payload_crc = dz_crc32c(out + DZ_BLOCK_HEADER_BYTES, header.stored_bytes);
	dz_block_header_encode(&header, out);
	input->size += needed;
	return FORMAT_INPUT_BLOCK_BYTES + raw_bytes;
}

void format_input_end(struct format_input *input)
{
	struct dz_trailer trailer = {.file_id = dz_file_header_id(&file_header),
				     .offset = input->size,
				     .blocks = input->sequence,
				     .flags = DZ_TRAILER_CLEAN};

	if (input->capacity - input->size < DZ_TRAILER_BYTES)
		return;
	dz_trailer_encode(&trailer, input->data + input->size);
	input->size += DZ_TRAILER_BYTES;
}

void format_input_make(const uint8_t *blocks, size_t size, uint8_t *bytes, size_t capacity,
		       size_t *ret_size)
{
	struct format_input input;
	size_t taken;

	format_input_start(&input, bytes, capacity);
	for (size_t at = 0; at < size; at += taken) {
		taken = format_input_block(&input, blocks + at, size - at);
		if (!taken)
			break;
	}
	format_input_end(&input);
	*ret_size = input.size;
}

static uint32_t get_u32(const uint8_t *bytes)
{
	struct cursor cursor = cursor_over(bytes, sizeof(uint32_t));

	return cursor_u32(&cursor);
}

static void fix_block(uint8_t *bytes, size_t left)
{
	uint32_t stored;

	if (left < DZ_BLOCK_HEADER_BYTES)
		return;
	stored = get_u32(bytes + 32);
	if (stored <= left - DZ_BLOCK_HEADER_BYTES)
		dz_put_u32(bytes + 64, dz_crc32c(bytes + DZ_BLOCK_HEADER_BYTES, stored));
	dz_put_u32(bytes + 68, dz_crc32c(bytes, 68));
}

void format_input_fix(uint8_t *bytes, size_t size)
{
	for (size_t at = 0; at + sizeof(uint32_t) <= size; at++) {
		uint32_t magic = get_u32(bytes + at);

		if (magic == DZ_BLOCK_MAGIC)
			fix_block(bytes + at, size - at);
		else if (magic == DZ_TRAILER_MAGIC && size - at >= DZ_TRAILER_BYTES)
			dz_put_u32(bytes + at + 60, dz_crc32c(bytes + at, 60));
		else if (magic == DZ_BLOCK_MAGIC + 1 && size - at >= DZ_FILE_HEADER_BYTES)
			dz_put_u32(bytes + at + 124, dz_crc32c(bytes + at, 124));
	}
}

/* Follows the references of a value; stacks and ancestors must end. */
static void follow(const struct dz_reader *reader, enum dz_type type, uint64_t id)
{
	unsigned steps = 0;

	if (type == DZ_TYPE_STRING) {
		struct dz_bytes text = dz_reader_string(reader, id);

		if (text.size > 4096)
			abort();
	} else if (type == DZ_TYPE_STACK) {
		const struct dz_stack *stack = dz_reader_stack(reader, id);

		for (; stack; stack = dz_reader_stack(reader, stack->caller)) {
			const struct dz_frame *frame = dz_reader_frame(reader, stack->frame);

			if (frame)
				(void)dz_reader_module(reader, frame->module);
			if (++steps > 512)
				abort();
		}
	} else if (type == DZ_TYPE_TASK) {
		const struct dz_task *task = dz_reader_task(reader, id);

		while (task && ++steps < ANCESTORS_MAX)
			task = dz_reader_task(reader, task->parent);
	}
}

static void read_events(struct dz_reader *reader)
{
	struct dz_event event;
	uint64_t before_ns = 0;

	for (unsigned n = 0; dz_reader_next(reader, &event) == DZ_OK; n++) {
		if (event.time_ns < before_ns)
			abort();
		before_ns = event.time_ns;
		for (uint32_t i = 0; n < FOLLOWED_MAX && i < event.schema->field_count; i++)
			follow(reader, event.schema->fields[i].type, event.values[i]);
		(void)dz_reader_realtime_ns(reader, event.time_ns);
	}
}

static enum dz_status discard(void *context, const struct iovec *pieces, int count)
{
	(void)context, (void)pieces, (void)count;
	return DZ_OK;
}

static bool shorten(void *context, struct dz_bytes text, const struct dz_string_use *use,
		    struct dz_bytes *ret_text)
{
	(void)context;
	if (!use->fields)
		abort();
	*ret_text = (struct dz_bytes){.data = text.data, .size = text.size / 2};
	return true;
}

void format_input_copy(const uint8_t *bytes, size_t size)
{
	const struct dz_source source = dz_source_memory(bytes, size);
	const struct dz_sink sink = {.write = discard};
	const struct dz_rewrite_options options = {.map = shorten};
	struct dz_repair_result result;

	(void)!dz_repair(&source, &sink, &result);
	(void)!dz_rewrite(&source, &sink, &options);
}

/* Reads a part of the file, and what is known without reading. */
static void read_part(struct dz_reader *reader)
{
	static const uint64_t wanted[64] = {[DZ_KIND_EXIT] = 1u << 3, [DZ_KIND_SIGNAL] = 1u << 2};
	struct dz_reader_options options = {.wanted_fields = wanted};
	uint64_t first_ns, last_ns;
	size_t count;

	dz_reader_span(reader, &first_ns, &last_ns);
	options.since_ns = first_ns + 1;
	options.until_ns = last_ns;
	options.kinds = (uint64_t)1 << DZ_KIND_EXIT | (uint64_t)1 << DZ_KIND_SIGNAL |
			(uint64_t)(last_ns & 1) << DZ_KIND_INFO;
	if (dz_reader_rewind(reader, &options) == DZ_OK)
		read_events(reader);
	(void)dz_reader_info(reader, "host.name");
	(void)dz_reader_blocks(reader, &count);
	if (dz_reader_closed(reader) && !dz_reader_flags(reader))
		abort();
	if (dz_reader_header(reader)->version_major > DZ_VERSION_MAJOR)
		abort();
}

void format_input_read_file(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct dz_source source;
	struct dz_reader *reader;

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size ||
	    dz_source_file(fd, &source) != DZ_OK)
		abort();
	if (dz_reader_open(&source, NULL, &reader) == DZ_OK) {
		/* A file can become shorter at any time. */
		if (ftruncate(fd, (off_t)(size / 2)) != 0)
			abort();
		read_events(reader);
		dz_reader_close(reader);
	}
	close(fd);
}

void format_input_read(const uint8_t *bytes, size_t size)
{
	struct dz_source source = dz_source_memory(bytes, size);
	struct dz_reader_options options = {.memory_limit_bytes = MEMORY_LIMIT_BYTES};
	struct dz_reader *reader;
	const struct dz_damage *damage;
	uint64_t damaged_bytes = 0;
	size_t count;

	if (dz_reader_open(&source, &options, &reader) != DZ_OK)
		return;
	read_events(reader);
	(void)!dz_reader_verify(reader);
	damage = dz_reader_damage(reader, &count);
	for (size_t i = 0; i < count; i++)
		damaged_bytes += damage[i].size_bytes;
	if (damaged_bytes > size)
		abort();
	read_part(reader);
	dz_reader_close(reader);
}
