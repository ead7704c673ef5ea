/* text/layout.h - paragraphs of text in the width of a screen */
#ifndef TEXT_LAYOUT_H
#define TEXT_LAYOUT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A space at which no line is broken. Escaped text never contains it. */
#define LAYOUT_JOIN "\001"

enum layout_style {
	LAYOUT_PLAIN,
	LAYOUT_BOLD,
	LAYOUT_RED,
	LAYOUT_YELLOW,
	LAYOUT_STYLES, /* number of styles */
};

/* What a screen can show. */
struct layout {
	unsigned int width; /* columns */
	bool utf8;          /* lines of a tree, the ellipsis */
	bool colour;
};

/*
 * Returns the layout for `out`: the width in COLUMNS if it is set, else that of the terminal, at
 * least 60 and at most 160, else 120. UTF-8 if `out` is a terminal and the locale says so. The
 * caller decides about colour. Call before standard output is replaced by a pager.
 */
struct layout layout_of(FILE *out);

/* Returns the escape sequence that starts a style, after LAYOUT_PLAIN of the style before; empty
 * without colour. Static. */
const char *layout_style(const struct layout *layout, enum layout_style style);

/* Returns the columns of a text; escape sequences of layout_style() have none. */
size_t layout_columns(const char *text);

/*
 * Writes a paragraph and a line end. Lines are broken between words; a word is never cut. The first
 * line starts at `column`; the others are indented by `indent`. LAYOUT_JOIN becomes a space.
 * Returns the number of lines.
 */
size_t layout_paragraph(const struct layout *layout, FILE *out, size_t column, size_t indent,
			const char *text);

/* Returns a copy of a line with at most `columns` columns, of which the middle is left out: "java
 * -Xmx4g ... com.acme.Main". The caller frees it. Returns NULL on allocation failure. */
char *layout_cut_middle(const char *text, size_t columns);
#endif
