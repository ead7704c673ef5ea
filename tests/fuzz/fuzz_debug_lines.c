/* tests/fuzz/fuzz_debug_lines.c - answers of the child that reads debug files
 *
 * A hostile debug file may control the child. Input: two bytes (number of addresses in the query),
 * the answer. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/probes/user_arguments.h"
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

/* What the recorder makes of them: which places it reads, and the text of a hit. */
static void use_arguments(const struct debug_argument *arguments, size_t count)
{
	static const struct event_probe_data hit;
	const struct probe_spec spec = {.form = PROBE_UPROBE, .with_arguments = true};
	struct probe_fields fields = {.count = 0};
	char text[PROBE_FIELDS_TEXT_MAX];

	if (!user_arguments_by_type(&spec, arguments, count, &fields))
		return;
	probe_fields_text(&fields, &hit, text);
	sink = strlen(text);
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
	if (found.count > 0)
		use_arguments(found.arguments + 1, found.count - 1);
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
