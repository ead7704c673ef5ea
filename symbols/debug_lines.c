/* symbols/debug_lines.c - source lines and inlined functions of addresses, from debug files */
#include "symbols/debug_lines.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cursor.h"
#include "symbols/debug_lines_child.h"

/* Returns false for an index that is out of order or beyond the query, and for a missing NUL. */
static bool take_line(struct cursor *cursor, uint32_t least_index, size_t address_count,
		      struct debug_line *ret_line)
{
	struct debug_line line;

	line.address_index = cursor_u32(cursor);
	line.line = cursor_u32(cursor);
	line.offset = cursor_u64(cursor);
	line.inlined = cursor_u32(cursor) != 0;
	line.function = cursor_string(cursor);
	line.file = cursor_string(cursor);
	*ret_line = line;
	return !cursor->failed && line.address_index >= least_index &&
	       line.address_index < address_count;
}

static enum symbols_status append(struct debug_lines *lines, size_t *capacity,
				  const struct debug_line *line)
{
	struct debug_line *grown = array_grow(lines->lines, capacity, lines->count + 1,
					      sizeof(*grown), ARRAY_NO_LIMIT);

	if (!grown)
		return SYMBOLS_NO_MEMORY;
	lines->lines = grown;
	lines->lines[lines->count++] = *line;
	return SYMBOLS_OK;
}

enum symbols_status debug_lines_parse(uint8_t *answer, size_t answer_bytes, size_t address_count,
				      struct debug_lines *ret_lines)
{
	struct cursor cursor = cursor_over(answer, answer_bytes);
	struct debug_lines lines = {.answer = answer, .answer_bytes = answer_bytes};
	enum symbols_status status = SYMBOLS_OK;
	size_t capacity = 0;
	uint32_t least_index = 0;

	while (cursor_left(&cursor) > 0 && status == SYMBOLS_OK) {
		struct debug_line line;

		if (!take_line(&cursor, least_index, address_count, &line))
			status = SYMBOLS_CORRUPT;
		else
			status = append(&lines, &capacity, &line);
		least_index = line.address_index;
	}
	if (status == SYMBOLS_OK)
		*ret_lines = lines;
	else
		free(lines.lines);
	return status;
}

enum symbols_status debug_lines_find(const struct debug_lines_query *query,
				     struct debug_lines *ret_lines)
{
	const struct dwarf_task task = {
		.answer = debug_lines_answer,
		.query = query,
		.answer_max_bytes = DEBUG_LINES_ANSWER_MAX_BYTES,
		.time_limit_ms = query->time_limit_ms,
	};
	struct dwarf_files files;
	enum symbols_status status;
	uint8_t *answer = NULL;
	size_t bytes = 0;

	if (query->address_count > DEBUG_LINES_ADDRESSES_MAX)
		return SYMBOLS_LIMIT;
	status = query->open(query->context, query->build_id, query->build_id_bytes,
			     &files.debug_fd);
	if (status != SYMBOLS_OK)
		return status;
	files.alternate_fd = dwarf_alternate_open(files.debug_fd, query->open, query->context);
	status = dwarf_child_run(&files, &task, &answer, &bytes);
	close(files.debug_fd);
	if (files.alternate_fd >= 0)
		close(files.alternate_fd);
	if (status == SYMBOLS_OK)
		status = debug_lines_parse(answer, bytes, query->address_count, ret_lines);
	if (status != SYMBOLS_OK)
		free(answer);
	return status;
}

void debug_lines_release(struct debug_lines *lines)
{
	free(lines->lines);
	free(lines->answer);
	*lines = (struct debug_lines){.count = 0};
}
