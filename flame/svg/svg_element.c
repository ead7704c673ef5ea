/* flame/svg/svg_element.c - text elements of an SVG file */
#include "flame/svg/svg_element.h"

#include <string.h>

#include "text/escape.h"

#define LINE_BYTES_MAX 160u

void svg_put_text(FILE *stream, const char *text)
{
	escape_write(stream, ESCAPE_XML, text, strlen(text));
}

void svg_put_truncated(FILE *stream, const char *text, size_t size, size_t limit)
{
	size_t kept = size;

	if (size > limit)
		for (kept = limit; kept > 0 && ((unsigned char)text[kept] & 0xc0) == 0x80;)
			kept--;
	escape_write(stream, ESCAPE_XML, text, kept);
	if (kept < size)
		fputs("\xe2\x80\xa6", stream);
}

void svg_put_line(FILE *stream, const char *class, unsigned x, unsigned y, const char *text)
{
	fprintf(stream, "<text class=\"%s\" x=\"%u\" y=\"%u\">", class, x, y);
	svg_put_truncated(stream, text, strlen(text), LINE_BYTES_MAX);
	fputs("</text>\n", stream);
}
