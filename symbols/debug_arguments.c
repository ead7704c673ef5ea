/* symbols/debug_arguments.c - arguments and results of functions, by debug information */
#include "symbols/debug_arguments.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cursor.h"
#include "symbols/debug_arguments_child.h"
#include "symbols/elf_image.h"

bool debug_arguments_are_in(int fd)
{
	struct elf_image image;
	bool has = false;

	if (elf_image_open(fd, &image) != SYMBOLS_OK)
		return false;
	has = elf_image_section(&image, ".debug_info") != NULL;
	elf_image_release(&image);
	return has;
}

/* Returns false for an index that is out of order or beyond the query, for an unknown form or
 * place, and for a missing NUL. */
static bool take_argument(struct cursor *cursor, uint32_t least_index, size_t function_count,
			  struct debug_argument *ret_argument)
{
	struct debug_argument argument;
	uint32_t form;

	argument.function_index = cursor_u32(cursor);
	form = cursor_u32(cursor);
	argument.size_bytes = cursor_u32(cursor);
	argument.place = cursor_u32(cursor);
	argument.name = cursor_string(cursor);
	argument.type = cursor_string(cursor);
	if (cursor->failed || argument.function_index < least_index ||
	    argument.function_index >= function_count || form >= DEBUG_ARGUMENT_FORMS)
		return false;
	argument.form = (enum debug_argument_form)form;
	*ret_argument = argument;
	return argument.place < DEBUG_ARGUMENT_REGISTERS ||
	       (argument.place >= DEBUG_ARGUMENT_STACK &&
		argument.place < DEBUG_ARGUMENT_STACK + DEBUG_ARGUMENT_WORDS) ||
	       argument.place == DEBUG_ARGUMENT_ELSEWHERE ||
	       argument.place == DEBUG_ARGUMENT_RESULT;
}

static enum symbols_status append(struct debug_arguments *arguments, size_t *capacity,
				  const struct debug_argument *argument)
{
	struct debug_argument *grown =
		array_grow(arguments->arguments, capacity, arguments->count + 1, sizeof(*grown),
			   ARRAY_NO_LIMIT);

	if (!grown)
		return SYMBOLS_NO_MEMORY;
	arguments->arguments = grown;
	arguments->arguments[arguments->count++] = *argument;
	return SYMBOLS_OK;
}

enum symbols_status debug_arguments_parse(uint8_t *answer, size_t answer_bytes,
					  size_t function_count,
					  struct debug_arguments *ret_arguments)
{
	struct cursor cursor = cursor_over(answer, answer_bytes);
	struct debug_arguments arguments = {.answer = answer};
	enum symbols_status status = SYMBOLS_OK;
	size_t capacity = 0;
	uint32_t least_index = 0;

	while (cursor_left(&cursor) > 0 && status == SYMBOLS_OK) {
		struct debug_argument argument;

		if (!take_argument(&cursor, least_index, function_count, &argument)) {
			status = SYMBOLS_CORRUPT;
			break;
		}
		status = append(&arguments, &capacity, &argument);
		least_index = argument.function_index;
	}
	if (status == SYMBOLS_OK)
		*ret_arguments = arguments;
	else
		free(arguments.arguments);
	return status;
}

enum symbols_status debug_arguments_find(int debug_fd, int alternate_fd, const uint64_t *addresses,
					 size_t count, struct debug_arguments *ret_arguments)
{
	const struct debug_arguments_query query = {addresses, count};
	const struct dwarf_files files = {debug_fd, alternate_fd};
	const struct dwarf_task task = {
		.answer = debug_arguments_answer,
		.query = &query,
		.answer_max_bytes = DEBUG_ARGUMENTS_ANSWER_MAX_BYTES,
		.time_limit_ms = DEBUG_ARGUMENTS_TIME_LIMIT_MS,
	};
	enum symbols_status status;
	uint8_t *answer = NULL;
	size_t bytes = 0;

	if (count > DEBUG_ARGUMENTS_FUNCTIONS_MAX)
		return SYMBOLS_LIMIT;
	status = dwarf_child_run(&files, &task, &answer, &bytes);
	if (status == SYMBOLS_OK)
		status = debug_arguments_parse(answer, bytes, count, ret_arguments);
	if (status != SYMBOLS_OK)
		free(answer);
	return status;
}

void debug_arguments_release(struct debug_arguments *arguments)
{
	free(arguments->arguments);
	free(arguments->answer);
	*arguments = (struct debug_arguments){.count = 0};
}
