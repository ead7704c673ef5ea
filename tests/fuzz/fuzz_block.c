/* tests/fuzz/fuzz_block.c - payloads of any kind in sound blocks: dictionaries, schema, events,
 * index
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
	uint8_t bytes[FILE_BYTES];
	struct format_input input;
	size_t taken;

	format_input_start(&input, bytes, sizeof(bytes));
	for (size_t at = 0; at < size; at += taken) {
		taken = format_input_block(&input, data + at, size - at);
		if (!taken)
			break;
	}
	format_input_end(&input);
	format_input_read(bytes, input.size);
	/* Copying takes most of the time, and has little of the code. */
	if (size % 4 == 0)
		format_input_copy(bytes, input.size);
	return 0;
}
