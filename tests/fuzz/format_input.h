/* tests/fuzz/format_input.h - how the inputs of the targets for format/ are made into .dz files */
#ifndef TESTS_FUZZ_FORMAT_INPUT_H
#define TESTS_FUZZ_FORMAT_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes before the payload in an input of fuzz_block: kind, generation, flags and lengths. */
#define FORMAT_INPUT_BLOCK_BYTES 18u

/* A file under construction, of fixed capacity; what does not fit is left out. */
struct format_input {
	uint8_t *data;
	size_t size;
	size_t capacity;
	uint32_t sequence;
};

/* Starts with a file header; data has room for capacity bytes. */
void format_input_start(struct format_input *input, uint8_t *data, size_t capacity);

/* Takes a block off the front of an input of fuzz_block and appends it with good checksums, its
 * payload as a zstd frame that is not compressed. The bytes taken; 0 if there is none. */
size_t format_input_block(struct format_input *input, const uint8_t *bytes, size_t size);

/* Appends a trailer that fits. */
void format_input_end(struct format_input *input);

/* Makes a file of blocks, as those of fuzz_block, in bytes of capacity. False if there are so many
 * records in them that reading them would take the time of a thousand others; only a fuzzer asks,
 * and what was found before is always read. */
bool format_input_make(const uint8_t *blocks, size_t size, uint8_t *bytes, size_t capacity,
		       size_t *ret_size);

/* Whether the headers in the bytes tell of no more records than that. */
bool format_input_is_cheap(const uint8_t *bytes, size_t size);

/* Makes the checksums of all headers right that are in the bytes, and the payloads' as far as they
 * are in the bytes. */
void format_input_fix(uint8_t *bytes, size_t size);

/* Reads a file: events, dictionaries, verification. */
void format_input_read(const uint8_t *bytes, size_t size);

/* Reads a file through a descriptor, while it shrinks. */
void format_input_read_file(const uint8_t *bytes, size_t size);

/* Repairs and rewrites a file. */
void format_input_copy(const uint8_t *bytes, size_t size);

#endif
