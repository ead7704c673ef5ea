/* tests/fuzz/fuzz_mutate.c - mutations of good files, with right checksums, through all consumers
 *
 * Input: one byte, which chooses file and report, then edits of five bytes: block, offset in its
 * decompressed payload (2 bytes), what to do with the byte there, and a value. Random bytes rarely
 * get behind a checksum; these always do.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "format/block_header.h"
#include "format/bytes.h"
#include "tests/format/sample_trace.h"
#include "tests/fuzz/analyse_input.h"
#include "tests/fuzz/format_input.h"
#include "tests/fuzz/work_limit.h"
#include <dz/reader.h>

#define FILES       4u
#define EDIT_BYTES  5u
#define NS_PER_BYTE UINT64_C(400000) /* of the file */
#define FILE_BYTES  1048576u
#define RAW_BYTES   131071u /* of a zstd frame with one raw block */

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sample, with its blocks decompressed. */
struct sample {
	struct sample_file file;
	struct dz_reader *reader; /* owns the blocks; lives as long as the program */
	const struct dz_block_info *blocks;
	size_t block_count;
	uint8_t **payloads;
};

static void load(struct sample *sample, uint32_t number)
{
	struct dz_source source;

	sample->file = sample_make(1 + number * 5, 1 + number % 2, number);
	source = dz_source_memory(sample->file.data, sample->file.size);
	if (dz_reader_open(&source, NULL, &sample->reader) != DZ_OK)
		abort();
	sample->blocks = dz_reader_blocks(sample->reader, &sample->block_count);
	sample->payloads = calloc(sample->block_count + 1, sizeof(uint8_t *));
	if (!sample->payloads)
		abort();
	for (size_t i = 0; i < sample->block_count; i++) {
		const struct dz_block_info *block = &sample->blocks[i];

		sample->payloads[i] = malloc(block->raw_bytes);
		if (!sample->payloads[i] ||
		    ZSTD_decompress(sample->payloads[i], block->raw_bytes,
				    sample->file.data + block->offset + DZ_BLOCK_HEADER_BYTES,
				    block->stored_bytes) != block->raw_bytes)
			abort();
	}
}

/* Applies the edits of one block to its payload. */
static void edit(uint8_t *payload, uint32_t bytes, uint8_t block, const uint8_t *edits, size_t size)
{
	for (; size >= EDIT_BYTES; edits += EDIT_BYTES, size -= EDIT_BYTES) {
		uint32_t at = ((uint32_t)edits[1] << 8 | edits[2]) % bytes;

		if (edits[0] != block)
			continue;
		if (edits[3] & 1)
			payload[at] = edits[4];
		else
			payload[at] = (uint8_t)(payload[at] + edits[4]);
	}
}

/* Writes a block with an edited payload, as one raw zstd block. Returns its size. */
static size_t put_block(uint8_t *out, const uint8_t *header, const uint8_t *payload, uint32_t bytes)
{
	uint8_t *frame = out + DZ_BLOCK_HEADER_BYTES;

	memcpy(out, header, DZ_BLOCK_HEADER_BYTES);
	dz_put_u32(frame, 0xFD2FB528u);
	frame[4] = 0xA0;
	dz_put_u32(frame + 5, bytes);
	frame[9] = (uint8_t)(1u | bytes << 3);
	frame[10] = (uint8_t)(bytes >> 5);
	frame[11] = (uint8_t)(bytes >> 13);
	memcpy(frame + 12, payload, bytes);
	dz_put_u32(out + 32, bytes + 12);
	return DZ_BLOCK_HEADER_BYTES + 12 + bytes;
}

static size_t mutate(const struct sample *sample, const uint8_t *edits, size_t size, uint8_t *out)
{
	static uint8_t payload[RAW_BYTES];
	size_t used = DZ_FILE_HEADER_BYTES;

	memcpy(out, sample->file.data, used);
	for (size_t i = 0; i < sample->block_count; i++) {
		const struct dz_block_info *block = &sample->blocks[i];

		if (!sample->payloads[i] || block->raw_bytes > RAW_BYTES ||
		    used + DZ_BLOCK_HEADER_BYTES + 12 + block->raw_bytes > FILE_BYTES)
			break;
		memcpy(payload, sample->payloads[i], block->raw_bytes);
		edit(payload, block->raw_bytes, (uint8_t)i, edits, size);
		used += put_block(out + used, sample->file.data + block->offset, payload,
				  block->raw_bytes);
	}
	format_input_fix(out, used);
	return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sample samples[FILES];
	static uint8_t out[FILE_BYTES];
	struct sample *sample;
	size_t bytes;

	if (size < 1)
		return 0;
	sample = &samples[data[0] % FILES];
	if (!sample->file.data)
		load(sample, data[0] % FILES);
	bytes = mutate(sample, data + 1, size - 1, out);
	work_limit_extend(bytes * NS_PER_BYTE);
	format_input_read(out, bytes);
	format_input_copy(out, bytes);
	analyse_input(out, bytes, (unsigned int)data[0] / FILES);
	return 0;
}
