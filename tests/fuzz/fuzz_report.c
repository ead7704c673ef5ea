/* tests/fuzz/fuzz_report.c - the reports and the folding, over files of any content
 *
 * Input: one byte, whose low four bits choose the report (0x80: what follows is a file), blocks as
 * those of fuzz_block.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/analyse_input.h"
#include "tests/fuzz/format_input.h"

#define FILE_BYTES 262144u
#define IS_FILE    0x80u

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[FILE_BYTES];
	size_t file_size = size - 1;
	const uint8_t *file = data + 1;

	if (size < 1)
		return 0;
	if (!(data[0] & IS_FILE)) {
		format_input_make(data + 1, size - 1, bytes, sizeof(bytes), &file_size);
		file = bytes;
	}
	analyse_input(file, file_size, data[0]);
	return 0;
}
