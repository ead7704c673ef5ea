/* flame/input/input_line.h - the lines of a text input, without marks of other systems */
#ifndef FLAME_INPUT_INPUT_LINE_H
#define FLAME_INPUT_INPUT_LINE_H
#include <stdbool.h>

#include "base/line_reader.h"
#include "flame/input/input_source.h"
#include "flame/tree/status.h"

/* A longer line is skipped and counted. */
#define INPUT_LINE_BYTES_MAX ((size_t)64 << 20)

/* A line or a part of it; not terminated. */
struct input_line {
	const char *text;
	size_t size;
};

/* Starts to read `fd`, which it borrows until line_reader_close(). Returns FLAME_NO_MEMORY on
 * allocation failure; then nothing needs to be closed. */
enum flame_status input_line_open(struct line_reader *reader, int fd);

/* The same, for the bytes of a source. */
enum flame_status input_line_open_source(struct line_reader *reader, struct input_source *source);

/* Returns how the input starts, at most `size` bytes, without consuming it; valid until the next
 * call. Returns FLAME_IO and sets errno, or FLAME_NO_MEMORY, on failure. */
enum flame_status input_line_peek(struct line_reader *reader, size_t size,
				  struct input_line *ret_start);

/*
 * Returns the next line, valid until the next call, without its LF or CR LF; the first one without
 * a UTF-8 byte order mark. Returns FLAME_EMPTY after the last line, and fails as input_line_peek().
 */
enum flame_status input_line_next(struct line_reader *reader, struct input_line *ret_line);

/* Whether the line starts with the text. */
bool input_line_starts_with(const struct input_line *line, const char *start);
#endif
