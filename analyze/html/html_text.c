/* analyze/html/html_text.c - text in a page: whatever its bytes, they stay text */
#include "analyze/html/html_text.h"

#include <string.h>

#include "text/escape.h"
#include "text/layout.h"

/* Bytes from `at` that fit into the limit, without a part of a character. */
static size_t whole_characters(const char *text, size_t size, size_t limit)
{
	if (size <= limit)
		return size;
	while (limit > 0 && ((unsigned char)text[limit] & 0xc0u) == 0x80u)
		limit--;
	return limit;
}

static void put(FILE *out, const char *text, size_t size)
{
	const size_t shown = whole_characters(text, size, HTML_TEXT_MAX);
	const char *end = text + shown;

	while (text < end) {
		const char *join = memchr(text, LAYOUT_JOIN[0], (size_t)(end - text));
		const char *stop = join ? join : end;

		escape_write(out, ESCAPE_XML, text, (size_t)(stop - text));
		if (join)
			fputc(' ', out);
		text = join ? join + 1 : end;
	}
	if (shown < size)
		fputs("…", out);
}

void html_text(FILE *out, const char *text)
{
	put(out, text, strlen(text));
}

void html_text_bytes(FILE *out, struct trace_text text)
{
	put(out, text.bytes, text.size);
}

void html_text_lines(FILE *out, const char *lines)
{
	while (*lines) {
		size_t size = strcspn(lines, "\n");

		put(out, lines, size);
		fputc('\n', out);
		lines += size;
		lines += *lines == '\n';
	}
}

void html_text_element(FILE *out, const char *tag, const char *class, const char *text)
{
	fprintf(out, "<%s class=\"%s\">", tag, class);
	html_text(out, text);
	fprintf(out, "</%s>", tag);
}
