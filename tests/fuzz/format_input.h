/* tests/fuzz/format_input.h - turns inputs of the fuzz targets for format/ into .dz files */
#ifndef TESTS_FUZZ_FORMAT_INPUT_H
#define TESTS_FUZZ_FORMAT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes before the payload in an input of fuzz_block: kind, generation, flags and lengths. */
#define FORMAT_INPUT_BLOCK_BYTES 18u

/* A file of fixed capacity that is being built. Blocks that do not fit are dropped. */
struct format_input {
	uint8_t *data;
	size_t size;
	size_t capacity;
	uint32_t sequence;
};

/* Starts a file with its header. Borrows `data`, which has room for `capacity` bytes. */
void format_input_start(struct format_input *input, uint8_t *data, size_t capacity);

/* Appends the first block of an input of fuzz_block, with right checksums and the payload as an
 * uncompressed zstd frame. Returns the bytes of input used; 0 if there is no block or no room. */
size_t format_input_block(struct format_input *input, const uint8_t *bytes, size_t size);

/* Appends a valid trailer, if there is room. */
void format_input_end(struct format_input *input);

/* Builds a file from an input of fuzz_block, in `bytes` with room for `capacity`. */
void format_input_make(const uint8_t *blocks, size_t size, uint8_t *bytes, size_t capacity,
		       size_t *ret_size);

/* Sets the checksums of all headers in the bytes, and of all payloads that are whole. */
void format_input_fix(uint8_t *bytes, size_t size);

/* Reads a file: events, dictionaries, verification. */
void format_input_read(const uint8_t *bytes, size_t size);

/* Reads a file through a descriptor, and truncates it in between. */
void format_input_read_file(const uint8_t *bytes, size_t size);

/* Repairs and rewrites a file. */
void format_input_copy(const uint8_t *bytes, size_t size);

#endif
