/* text/escape.h - the one way by which bytes that we did not write reach an output */
#ifndef TEXT_ESCAPE_H
#define TEXT_ESCAPE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * In every style the result is well-formed UTF-8 on one line that can neither steer a terminal nor
 * reorder what a person reads: control characters (C0, DEL, C1), line and paragraph separators,
 * bidirectional and invisible format characters and noncharacters become \xNN (below U+0080) or
 * \u{NNNN}; a byte that is no UTF-8 becomes \xNN. A literal backslash is left alone: names hold
 * them, a person wants to see them as they are, and they do no harm. So the styles are for reading;
 * whoever needs every byte back uses JSON.
 */
enum escape_style {
	ESCAPE_TERMINAL, /* for a line of text, on a terminal or in a file */
	ESCAPE_XML,      /* and & < > " ' become references: for XML text and attribute values */
	/*
	 * And the name stays exactly one frame of a folded stack: `;` becomes \x3b, a space at
	 * either end and the one before a number at the end become \x20, a leading `#` becomes
	 * \x23, and a name without any bytes is written [empty].
	 */
	ESCAPE_FRAME,
};

/* The longest piece that one character becomes, in bytes. */
#define ESCAPE_PIECE_MAX 12u

/* A walk over the pieces; borrows the text. The fields are private. */
struct escape {
	enum escape_style style;
	const char *text;
	size_t size;
	size_t at;
	size_t number_space; /* ESCAPE_FRAME: where the space before a last number is, or size */
};

/* `text` may be NULL if `size` is 0. */
void escape_begin(struct escape *escape, enum escape_style style, const char *text, size_t size);

/* Writes what becomes of the next character; returns the bytes written, 0 at the end. */
size_t escape_next(struct escape *escape, char piece[ESCAPE_PIECE_MAX]);

/* True if escaping would change nothing. */
bool escape_is_clean(enum escape_style style, const char *text, size_t size);

/* Writes all of it; false if the stream reports an error. */
bool escape_write(FILE *stream, enum escape_style style, const char *text, size_t size);

/*
 * Writes as many whole pieces as fit with the terminating NUL into `out` of `capacity` bytes (at
 * least 1). Returns the length that the whole result would have, like snprintf().
 */
size_t escape_copy(char *out, size_t capacity, enum escape_style style, const char *text,
		   size_t size);
#endif
