/* tests/fuzz/fuzz_file.c - any bytes as a .dz file: header, walk, recovery, index, trailer
 *
 * Input: one byte of flags, the file. Bit 0: set all checksums, so that the fuzzer passes them. Bit
 * 1: also copy the file. Bit 2: also read it through a descriptor.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/format_input.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes;

	if (size < 1)
		return 0;
	bytes = malloc(size);
	if (!bytes)
		abort();
	memcpy(bytes, data + 1, size - 1);
	if (data[0] & 1)
		format_input_fix(bytes, size - 1);
	format_input_read(bytes, size - 1);
	if (data[0] & 2)
		format_input_copy(bytes, size - 1);
	if (data[0] & 4)
		format_input_read_file(bytes, size - 1);
	free(bytes);
	return 0;
}
