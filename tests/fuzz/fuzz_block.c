/* tests/fuzz/fuzz_block.c - payloads of any kind in valid blocks
 *
 * Input: blocks, each with 18 bytes (kind, generation, number of records, first, last - first, size
 * of the payload) and its payload, not compressed.
 */
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/format_input.h"

#define FILE_BYTES 262144u

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[FILE_BYTES];
	size_t file_size;

	format_input_make(data, size, bytes, sizeof(bytes), &file_size);
	format_input_read(bytes, file_size);
	/* Copying takes most of the time and runs little of the code. */
	if (size % 4 == 0)
		format_input_copy(bytes, file_size);
	return 0;
}
