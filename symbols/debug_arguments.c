/* symbols/debug_arguments.c - arguments and results of functions, by debug information */
#include "symbols/debug_arguments.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cursor.h"
#include "symbols/debug_arguments_child.h"
#include "symbols/elf_image.h"

#define VALUE_MAX_BYTES 8u

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

/* A value that is read has a size that fits its form. */
static bool is_valid_size(const struct debug_argument *argument)
{
	if (argument->form == DEBUG_ARGUMENT_OPAQUE)
		return true;
	if (argument->form == DEBUG_ARGUMENT_POINTER || argument->form == DEBUG_ARGUMENT_STRING)
		return argument->size_bytes == VALUE_MAX_BYTES;
	return argument->size_bytes >= 1 && argument->size_bytes <= VALUE_MAX_BYTES;
}

static bool is_valid_place(uint32_t place)
{
	return place < DEBUG_ARGUMENT_REGISTERS ||
	       (place >= DEBUG_ARGUMENT_STACK &&
		place < DEBUG_ARGUMENT_STACK + DEBUG_ARGUMENT_WORDS) ||
	       place == DEBUG_ARGUMENT_ELSEWHERE || place == DEBUG_ARGUMENT_RESULT;
}

/* The result comes first, and only there. The functions are in the order of the query. */
static bool is_in_order(const struct debug_argument *last, const struct debug_argument *argument)
{
	bool is_first = !last || argument->function_index != last->function_index;

	return (!last || argument->function_index >= last->function_index) &&
	       is_first == (argument->place == DEBUG_ARGUMENT_RESULT);
}

/* `last` is the argument before; NULL: there is none. Returns false for an index that is out of
 * order or beyond the query, for an unknown form, size or place, and for a missing NUL. */
static bool take_argument(struct cursor *cursor, const struct debug_argument *last,
			  size_t function_count, struct debug_argument *ret_argument)
{
	struct debug_argument argument;
	uint32_t form;

	argument.function_index = cursor_u32(cursor);
	form = cursor_u32(cursor);
	argument.size_bytes = cursor_u32(cursor);
	argument.place = cursor_u32(cursor);
	argument.name = cursor_string(cursor);
	argument.type = cursor_string(cursor);
	if (cursor->failed || argument.function_index >= function_count ||
	    form >= DEBUG_ARGUMENT_FORMS)
		return false;
	argument.form = (enum debug_argument_form)form;
	*ret_argument = argument;
	return is_valid_size(&argument) && is_valid_place(argument.place) &&
	       is_in_order(last, &argument);
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

	while (cursor_left(&cursor) > 0 && status == SYMBOLS_OK) {
		const struct debug_argument *last =
			arguments.count ? &arguments.arguments[arguments.count - 1] : NULL;
		struct debug_argument argument;

		status = take_argument(&cursor, last, function_count, &argument)
				 ? append(&arguments, &capacity, &argument)
				 : SYMBOLS_CORRUPT;
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
