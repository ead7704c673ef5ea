/* tests/fuzz/make_format_corpus.c - turns .dz files into first inputs of three fuzz targets
 *
 *   usage: make_format_corpus DIRECTORY FILE...
 *
 * Writes to DIRECTORY/file, DIRECTORY/block and DIRECTORY/columns, which must exist.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zstd.h>

#include "format/block_header.h"
#include "format/bytes.h"
#include "tests/fuzz/format_input.h"
#include <dz/file_header.h>

#define FILE_MAX 262144u
#define RAW_MAX  65535u

static const char *directory;

static void save(const char *target, const char *name, const uint8_t *bytes, size_t size)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/%s", directory, target, name);
	file = fopen(path, "we");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
		fprintf(stderr, "make_format_corpus: cannot write %s\n", path);
		exit(1);
	}
}

static void save_columns(const char *name, const struct dz_block_header *header, const uint8_t *raw,
			 size_t size)
{
	uint8_t bytes[4 + RAW_MAX];
	char full_name[256];

	dz_put_u16(bytes, (uint16_t)header->records);
	bytes[2] = 16;
	bytes[3] = 0xff;
	memcpy(bytes + 4, raw, size);
	snprintf(full_name, sizeof(full_name), "%s-%u", name, header->sequence);
	save("columns", full_name, bytes, size + 4);
}

/* Appends a block to an input of fuzz_block. Returns its size there; 0 if it does not fit. */
static size_t add_block(const char *name, const struct dz_block_header *header,
			const uint8_t *payload, uint8_t *out)
{
	static uint8_t raw[RAW_MAX];
	size_t size = ZSTD_decompress(raw, sizeof(raw), payload, header->stored_bytes);

	if (ZSTD_isError(size) || header->records > UINT16_MAX || header->kind > UINT8_MAX)
		return 0;
	out[0] = (uint8_t)header->kind;
	out[1] = (uint8_t)header->generation;
	dz_put_u16(out + 2, (uint16_t)header->records);
	dz_put_u64(out + 4, header->first);
	dz_put_u32(out + 12, (uint32_t)(header->last - header->first));
	dz_put_u16(out + 16, (uint16_t)size);
	memcpy(out + FORMAT_INPUT_BLOCK_BYTES, raw, size);
	save_columns(name, header, raw, size);
	return FORMAT_INPUT_BLOCK_BYTES + size;
}

static void convert(const char *name, const uint8_t *bytes, size_t size)
{
	static uint8_t blocks[FILE_MAX];
	size_t at = DZ_FILE_HEADER_BYTES, used = 0;
	struct dz_block_header header;

	while (size - at >= DZ_BLOCK_HEADER_BYTES && at <= size &&
	       dz_block_header_decode(bytes + at, &header) == DZ_OK &&
	       header.stored_bytes <= size - at - DZ_BLOCK_HEADER_BYTES &&
	       used + FORMAT_INPUT_BLOCK_BYTES + RAW_MAX <= sizeof(blocks)) {
		used += add_block(name, &header, bytes + at + DZ_BLOCK_HEADER_BYTES, blocks + used);
		at += DZ_BLOCK_HEADER_BYTES + header.stored_bytes;
	}
	if (used)
		save("block", name, blocks, used);
}

int main(int argc, char **argv)
{
	static uint8_t bytes[FILE_MAX];

	if (argc < 3) {
		fprintf(stderr, "usage: make_format_corpus DIRECTORY FILE...\n");
		return 2;
	}
	directory = argv[1];
	for (int i = 2; i < argc; i++) {
		const char *name = strrchr(argv[i], '/') ? strrchr(argv[i], '/') + 1 : argv[i];
		FILE *file = fopen(argv[i], "re");
		size_t size;

		if (!file) {
			fprintf(stderr, "make_format_corpus: cannot read %s\n", argv[i]);
			return 1;
		}
		size = fread(bytes + 1, 1, sizeof(bytes) - 1, file);
		fclose(file);
		/* Copying is slow: only for every eighth file. */
		bytes[0] = i % 8 == 0 ? 7 : 1;
		save("file", name, bytes, size + 1);
		convert(name, bytes + 1, size);
	}
	return 0;
}
