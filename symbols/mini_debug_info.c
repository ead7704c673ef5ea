/* symbols/mini_debug_info.c - .gnu_debugdata: an xz-compressed symbol table in a stripped file */
#include "symbols/mini_debug_info.h"

#include <lzma.h>
#include <stdlib.h>

#include "base/array.h"

/* What is decoded at once, which takes some milliseconds. */
#define STEP_BYTES ((size_t)256 << 10)

struct output {
	const struct elf_image *image;
	uint8_t *bytes;
	size_t capacity;
};

/* Makes room for a step, which doubles the memory if needed: the stored data has no trusted size of
 * its contents. */
static enum symbols_status grow(struct output *output, lzma_stream *stream)
{
	const size_t used = (size_t)stream->total_out;
	uint8_t *grown;
	size_t room;

	if (!elf_image_may_go_on(output->image))
		return SYMBOLS_TIMEOUT;
	grown = array_grow(output->bytes, &output->capacity, used ? used + 1 : STEP_BYTES, 1,
			   MINI_DEBUG_INFO_MAX_BYTES);
	if (!grown)
		return used >= MINI_DEBUG_INFO_MAX_BYTES ? SYMBOLS_LIMIT : SYMBOLS_NO_MEMORY;
	room = output->capacity - used;
	stream->next_out = grown + used;
	stream->avail_out = room < STEP_BYTES ? room : STEP_BYTES;
	output->bytes = grown;
	return SYMBOLS_OK;
}

static enum symbols_status status_of(lzma_ret result)
{
	if (result == LZMA_MEM_ERROR)
		return SYMBOLS_NO_MEMORY;
	return result == LZMA_MEMLIMIT_ERROR ? SYMBOLS_LIMIT : SYMBOLS_CORRUPT;
}

static enum symbols_status decode(lzma_stream *stream, struct output *output)
{
	for (;;) {
		lzma_ret result;

		if (stream->avail_out == 0) {
			enum symbols_status status = grow(output, stream);

			if (status != SYMBOLS_OK)
				return status;
		}
		result = lzma_code(stream, LZMA_FINISH);
		if (result == LZMA_STREAM_END)
			return SYMBOLS_OK;
		if (result != LZMA_OK)
			return status_of(result);
	}
}

enum symbols_status mini_debug_info_load(const struct elf_image *image, uint8_t **ret_bytes,
					 size_t *ret_size_bytes)
{
	const struct elf_section *section = elf_image_section(image, ".gnu_debugdata");
	lzma_stream stream = LZMA_STREAM_INIT;
	struct output output = {.image = image};
	enum symbols_status status;
	uint8_t *stored;
	size_t stored_size;
	lzma_ret result;

	if (!section)
		return SYMBOLS_NOT_FOUND;
	status = elf_image_load_section(image, section, MINI_DEBUG_INFO_STORED_MAX_BYTES, &stored,
					&stored_size);
	if (status != SYMBOLS_OK)
		return status;
	if (!elf_image_take(image, MINI_DEBUG_INFO_DECODER_MAX_BYTES + MINI_DEBUG_INFO_MAX_BYTES)) {
		free(stored);
		return SYMBOLS_MEMORY_LIMIT;
	}
	result = lzma_stream_decoder(&stream, MINI_DEBUG_INFO_DECODER_MAX_BYTES, 0);
	stream.next_in = stored;
	stream.avail_in = stored_size;
	status = result == LZMA_OK ? decode(&stream, &output) : status_of(result);
	*ret_size_bytes = (size_t)stream.total_out;
	lzma_end(&stream);
	free(stored);
	if (status != SYMBOLS_OK) {
		free(output.bytes);
		return status;
	}
	*ret_bytes = output.bytes;
	return SYMBOLS_OK;
}
