/* symbols/mini_debug_info.c - .gnu_debugdata: an xz-compressed symbol table in a stripped file */
#include "symbols/mini_debug_info.h"

#include <lzma.h>
#include <stdlib.h>

/* Bytes that are read or written at once when decoding, which takes some milliseconds. */
#define STEP_BYTES ((size_t)256 << 10)

struct output {
	const struct elf_image *image;
	uint8_t *bytes;
	size_t capacity;
	size_t decoder_bytes; /* that the decoder may use */
};

/* Doubles the memory: the stored data has no trusted size of its contents. */
static enum symbols_status grow(struct output *output)
{
	const size_t larger = output->capacity ? 2 * output->capacity : STEP_BYTES;
	uint8_t *grown;

	if (larger > MINI_DEBUG_INFO_MAX_BYTES)
		return SYMBOLS_LIMIT;
	if (!elf_image_take(output->image, larger - output->capacity))
		return SYMBOLS_MEMORY_LIMIT;
	grown = realloc(output->bytes, larger);
	if (!grown) {
		elf_image_give(output->image, larger - output->capacity);
		return SYMBOLS_NO_MEMORY;
	}
	output->bytes = grown;
	output->capacity = larger;
	return SYMBOLS_OK;
}

/* Makes room for a step. */
static enum symbols_status begin_step(struct output *output, lzma_stream *stream)
{
	const size_t used = (size_t)stream->total_out;
	enum symbols_status status = SYMBOLS_OK;

	if (used == output->capacity)
		status = grow(output);
	if (status != SYMBOLS_OK)
		return status;
	stream->next_out = output->bytes + used;
	stream->avail_out = output->capacity - used;
	if (stream->avail_out > STEP_BYTES)
		stream->avail_out = STEP_BYTES;
	return SYMBOLS_OK;
}

/* Lets the decoder use what it needs, which it knows at the begin of each block. */
static enum symbols_status raise_limit(struct output *output, lzma_stream *stream)
{
	const uint64_t needed = lzma_memusage(stream);

	if (needed > MINI_DEBUG_INFO_DECODER_MAX_BYTES || needed <= output->decoder_bytes)
		return SYMBOLS_LIMIT;
	if (!elf_image_take(output->image, (size_t)needed - output->decoder_bytes))
		return SYMBOLS_MEMORY_LIMIT;
	output->decoder_bytes = (size_t)needed;
	return lzma_memlimit_set(stream, needed) == LZMA_OK ? SYMBOLS_OK : SYMBOLS_LIMIT;
}

/* Gives the next part of the input, as blocks can have no contents. Returns whether it is the last.
 */
static lzma_action give_input(lzma_stream *stream, const uint8_t *end)
{
	const size_t left = (size_t)(end - stream->next_in);

	stream->avail_in = left < STEP_BYTES ? left : STEP_BYTES;
	return stream->avail_in == left ? LZMA_FINISH : LZMA_RUN;
}

static enum symbols_status decode(lzma_stream *stream, const uint8_t *end, struct output *output)
{
	enum symbols_status status = SYMBOLS_OK;
	lzma_ret result = LZMA_OK;

	while (status == SYMBOLS_OK && result != LZMA_STREAM_END) {
		if (!elf_image_may_go_on(output->image))
			return SYMBOLS_TIMEOUT;
		if (stream->avail_out == 0)
			status = begin_step(output, stream);
		if (status != SYMBOLS_OK)
			return status;
		result = lzma_code(stream, give_input(stream, end));
		if (result == LZMA_MEMLIMIT_ERROR)
			status = raise_limit(output, stream);
		else if (result == LZMA_MEM_ERROR)
			status = SYMBOLS_NO_MEMORY;
		else if (result != LZMA_OK && result != LZMA_STREAM_END)
			status = SYMBOLS_CORRUPT;
	}
	return status;
}

/* Sets *ret_size_bytes to the bytes that the stored ones become. */
static enum symbols_status decode_all(const uint8_t *stored, size_t stored_bytes,
				      struct output *output, size_t *ret_size_bytes)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	enum symbols_status status = SYMBOLS_NO_MEMORY;

	stream.next_in = stored;
	/* With the smallest limit, so that the first block says what is needed. */
	if (lzma_stream_decoder(&stream, 1, 0) == LZMA_OK)
		status = decode(&stream, stored + stored_bytes, output);
	*ret_size_bytes = (size_t)stream.total_out;
	lzma_end(&stream);
	elf_image_give(output->image, output->decoder_bytes);
	return status;
}

/* Gives back what is beyond the contents. */
static void shrink(struct output *output, size_t size_bytes)
{
	uint8_t *bytes = size_bytes ? realloc(output->bytes, size_bytes) : NULL;

	if (bytes)
		output->bytes = bytes;
	elf_image_give(output->image, output->capacity - size_bytes);
}

enum symbols_status mini_debug_info_load(const struct elf_image *image, uint8_t **ret_bytes,
					 size_t *ret_size_bytes)
{
	const struct elf_section *section = elf_image_section(image, ".gnu_debugdata");
	struct output output = {.image = image};
	enum symbols_status status;
	uint8_t *stored;
	size_t stored_bytes;

	if (!section)
		return SYMBOLS_NOT_FOUND;
	status = elf_image_load_section(image, section, MINI_DEBUG_INFO_STORED_MAX_BYTES, &stored,
					&stored_bytes);
	if (status != SYMBOLS_OK)
		return status;
	status = decode_all(stored, stored_bytes, &output, ret_size_bytes);
	free(stored);
	elf_image_give(image, stored_bytes);
	if (status != SYMBOLS_OK) {
		elf_image_give(image, output.capacity);
		free(output.bytes);
		return status;
	}
	shrink(&output, *ret_size_bytes);
	*ret_bytes = output.bytes;
	return SYMBOLS_OK;
}
