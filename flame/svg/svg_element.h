/* flame/svg/svg_element.h - text elements of an SVG file */
#ifndef FLAME_SVG_SVG_ELEMENT_H
#define FLAME_SVG_SVG_ELEMENT_H
#include <stddef.h>
#include <stdio.h>

/* Writes the text, escaped. */
void svg_put_text(FILE *stream, const char *text);

/* Writes at most `limit` bytes of a text of `size` bytes, escaped, and an ellipsis if that
 * truncates it. The text is valid UTF-8; no character is split. */
void svg_put_truncated(FILE *stream, const char *text, size_t size, size_t limit);

/* Writes a <text> element with at most 160 bytes of the text. `class` is written as it is. */
void svg_put_line(FILE *stream, const char *class, unsigned x, unsigned y, const char *text);
#endif
