/* tests/fuzz/fuzz_debug_lines.c - any bytes as the answer of the child that reads debug files
 *
 * A hostile debug file may control the child. Input: two bytes (number of addresses in the query),
 * the answer. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/debug_lines.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink;

static void check(const struct debug_lines *lines, size_t address_count)
{
	for (size_t i = 0; i < lines->count; i++) {
		const struct debug_line *line = &lines->lines[i];

		if (line->address_index >= address_count ||
		    (i > 0 && lines->lines[i - 1].address_index > line->address_index))
			abort();
		sink = strlen(line->function) + strlen(line->file);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct debug_lines lines;
	size_t address_count;
	uint8_t *answer;

	if (size < 3)
		return 0;
	address_count = (size_t)data[0] << 8 | data[1];
	answer = malloc(size - 2);
	if (!answer)
		abort();
	memcpy(answer, data + 2, size - 2);
	if (debug_lines_parse(answer, size - 2, address_count, &lines) == SYMBOLS_OK) {
		check(&lines, address_count);
		debug_lines_release(&lines);
	} else {
		free(answer);
	}
	return 0;
}
