/* flame/input/lines.h - the lines of a text file of any size, one at a time */
#ifndef FLAME_INPUT_LINES_H
#define FLAME_INPUT_LINES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flame/tree/status.h"

/* A longer line is skipped and counted. */
#define LINES_LENGTH_MAX ((size_t)64 << 20)

struct lines {
	int fd; /* borrowed */
	char *buffer;
	size_t capacity;
	size_t begin; /* first byte not handed out */
	size_t end;   /* one past the last byte read */
	bool at_end;
	uint64_t number;     /* of the line handed out last; the first is 1 */
	uint64_t read_bytes; /* so far */
	uint64_t skipped;    /* lines longer than LINES_LENGTH_MAX */
};

struct line {
	const char *text; /* lives until the next call; without its end of line */
	size_t size;
};

/* `fd` is borrowed until lines_close(). FLAME_NO_MEMORY; then nothing needs to be released. */
enum flame_status lines_open(struct lines *lines, int fd);

/* Leaves the descriptor open. May be called again. */
void lines_close(struct lines *lines);

/* What the input begins with, without consuming it: up to 64 KiB, which live until the next call.
 * FLAME_IO with errno, FLAME_NO_MEMORY. */
enum flame_status lines_peek(struct lines *lines, struct line *ret_start);

/*
 * Hands out the next line; FLAME_EMPTY after the last, and the errors of lines_peek(). LF and CR LF
 * end a line, and so does the end of the input. A UTF-8 byte order mark at the very start is
 * dropped.
 */
enum flame_status lines_next(struct lines *lines, struct line *ret_line);
#endif
