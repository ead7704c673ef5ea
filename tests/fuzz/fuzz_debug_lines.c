/* tests/fuzz/fuzz_debug_lines.c - answers of the child that reads debug files
 *
 * A hostile debug file may control the child. Input: two bytes (number of addresses in the query),
 * the answer. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/debug_arguments.h"
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

static uint8_t *copy_of(const uint8_t *data, size_t size)
{
	uint8_t *answer = malloc(size + 1);

	if (!answer)
		abort();
	memcpy(answer, data, size);
	return answer;
}

static void parse_lines(const uint8_t *data, size_t size, size_t address_count)
{
	uint8_t *answer = copy_of(data, size);
	struct debug_lines lines;

	if (debug_lines_parse(answer, size, address_count, &lines) == SYMBOLS_OK) {
		check(&lines, address_count);
		debug_lines_release(&lines);
	} else {
		free(answer);
	}
}

static void parse_arguments(const uint8_t *data, size_t size, size_t function_count)
{
	uint8_t *answer = copy_of(data, size);
	struct debug_arguments found;

	if (debug_arguments_parse(answer, size, function_count, &found) != SYMBOLS_OK) {
		free(answer);
		return;
	}
	for (size_t i = 0; i < found.count; i++) {
		const struct debug_argument *argument = &found.arguments[i];

		if (argument->function_index >= function_count ||
		    argument->form >= DEBUG_ARGUMENT_FORMS)
			abort();
		sink = strlen(argument->name) + strlen(argument->type);
	}
	debug_arguments_release(&found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count;

	if (size < 3)
		return 0;
	count = (size_t)data[0] << 8 | data[1];
	parse_lines(data + 2, size - 2, count);
	parse_arguments(data + 2, size - 2, count);
	return 0;
}
