/* text/escape.h - escapes of untrusted text in outputs */
#ifndef TEXT_ESCAPE_H
#define TEXT_ESCAPE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * In every style the result is well-formed UTF-8 on one line that can neither control a terminal
 * nor reorder text. Control characters (C0, DEL, C1), line and paragraph separators, bidirectional
 * and invisible format characters, and noncharacters become \xNN (below U+0080) or \u{NNNN}. An
 * invalid byte becomes \xNN. A backslash is not escaped, because names contain backslashes. So the
 * original bytes cannot be restored from the result; JSON output can be used for that.
 */
enum escape_style {
	ESCAPE_TERMINAL, /* a line of text, on a terminal or in a file */
	ESCAPE_XML,      /* XML text and attribute values: & < > " ' become references */
	/*
	 * The name also stays one frame of a folded stack: `;` becomes \x3b. A space at either
	 * end, and the one before a number at the end, becomes \x20. A leading `#` becomes \x23.
	 * An empty name becomes [empty].
	 */
	ESCAPE_FRAME,
};

/* Bytes of the longest piece that one character becomes. */
#define ESCAPE_PIECE_MAX 12u

/* An iteration over the pieces; borrows the text. The fields are private. */
struct escape {
	enum escape_style style;
	const char *text;
	size_t size;
	size_t at;
	size_t number_space; /* ESCAPE_FRAME: offset of the space before a last number, or size */
};

/* Starts at the first character. `text` may be NULL if `size` is 0. */
void escape_begin(struct escape *escape, enum escape_style style, const char *text, size_t size);

/* Writes the escaped form of the next character, without a NUL. Returns its bytes, 0 at the end. */
size_t escape_next(struct escape *escape, char piece[ESCAPE_PIECE_MAX]);

/* Whether escaping would change nothing. */
bool escape_is_clean(enum escape_style style, const char *text, size_t size);

/* Writes the escaped text. Returns false if the stream reports an error. */
bool escape_write(FILE *stream, enum escape_style style, const char *text, size_t size);

/*
 * Writes as many whole pieces as fit, and a NUL, to `out` of `capacity` bytes (at least 1). Returns
 * the length of the whole result, like snprintf().
 */
size_t escape_copy(char *out, size_t capacity, enum escape_style style, const char *text,
		   size_t size);
#endif
