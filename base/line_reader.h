/* base/line_reader.h - the lines of a text file, one at a time, in bounded memory */
#ifndef BASE_LINE_READER_H
#define BASE_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum line_status {
	LINE_OK,
	LINE_END,       /* no line is left */
	LINE_IO,        /* error of read(), in errno */
	LINE_NO_MEMORY, /* out of memory */
	LINE_LIMIT,     /* the file has more than limits.file_bytes */
};

struct line_limits {
	size_t line_bytes; /* longest line that is returned; longer ones are skipped and counted */
	uint64_t file_bytes; /* largest file; 0: no limit */
	bool drops_nul;      /* skip lines that contain a NUL */
	bool drops_partial;  /* skip what follows the last newline */
};

/* Where the bytes come from, if not from a descriptor: a function with the contract of read(). */
struct line_source {
	ssize_t (*read)(void *context, void *bytes, size_t size);
	void *context; /* borrowed */
};

struct line {
	char *text;  /* ends with a NUL that replaces the newline; may be written to */
	size_t size; /* bytes before that NUL */
};

/* Callers read `fd`, `source`, `number`, `read_bytes` and `skipped`, and nothing else. */
struct line_reader {
	int fd;                    /* borrowed */
	struct line_source source; /* used instead of fd if it has a function */
	struct line_limits limits;
	char *buffer;
	size_t capacity; /* without the byte for the last NUL */
	size_t begin;    /* first byte that was not returned */
	size_t end;      /* behind the last byte that was read */
	bool at_end;
	bool skipping;       /* inside a line that is too long */
	uint64_t number;     /* of the line returned last; the first is 1 */
	uint64_t read_bytes; /* so far */
	uint64_t skipped;    /* lines longer than limits.line_bytes */
};

/* Starts to read at the current offset of `fd`. Borrows it until line_reader_close(). Returns
 * LINE_OK, or LINE_NO_MEMORY; then there is nothing to close. */
enum line_status line_reader_open(struct line_reader *reader, int fd,
				  const struct line_limits *limits);

/* Reads from the source instead of the descriptor. Bytes that were read before, as by
 * line_reader_peek(), are kept. A source without a function stands for the descriptor. */
void line_reader_set_source(struct line_reader *reader, const struct line_source *source);

/* Frees the memory; leaves the descriptor open. Can be called again. */
void line_reader_close(struct line_reader *reader);

/* Sets *ret_start to the next `size` bytes, fewer at the end of the file, without consuming them.
 * They have no NUL at their end, and are valid until the next call. Returns LINE_OK or an error. */
enum line_status line_reader_peek(struct line_reader *reader, size_t size, struct line *ret_start);

/* Sets *ret_line to the next line, which is valid until the next call. The end of the file ends a
 * line too, unless limits.drops_partial. Returns LINE_END after the last line, or an error. */
enum line_status line_reader_next(struct line_reader *reader, struct line *ret_line);

#endif
