/* text/layout.c - paragraphs of text in the width of a screen */
#include "text/layout.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text/quantity.h"
#include "text/utf8.h"

#define WIDTH_DEFAULT  120u
#define TERMINAL_LEAST 60u
#define TERMINAL_MOST  160u
#define WIDTH_MOST     100000u

/* A word is not moved to a line with fewer columns than this. */
#define COLUMNS_LEAST 16u

#define ESCAPE '\033'

/* Whether the name of the locale says so, such as "de_DE.UTF-8" (XBD 8.2). nl_langinfo(3) does not
 * know in a static program, or in one for another machine, which find no files of locales. */
static bool is_utf8(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *name = getenv(variables[i]);
		const char *codeset;

		if (!name || !name[0])
			continue;
		codeset = strchr(name, '.');
		return codeset && (strncasecmp(codeset + 1, "UTF-8", 5) == 0 ||
				   strncasecmp(codeset + 1, "UTF8", 4) == 0);
	}
	return false;
}

static unsigned int width_of(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t wanted;

	if (columns && quantity_parse_count(columns, WIDTH_MOST, &wanted) && wanted > 0)
		return (unsigned int)wanted;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH_DEFAULT;
	if (size.ws_col < TERMINAL_LEAST)
		return TERMINAL_LEAST;
	return size.ws_col > TERMINAL_MOST ? TERMINAL_MOST : size.ws_col;
}

struct layout layout_of(FILE *out)
{
	return (struct layout){
		.width = width_of(out),
		.utf8 = isatty(fileno(out)) && is_utf8(),
	};
}

const char *layout_style(const struct layout *layout, enum layout_style style)
{
	static const char *const sequences[LAYOUT_STYLES] = {
		[LAYOUT_PLAIN] = "\033[0m",
		[LAYOUT_BOLD] = "\033[1m",
		[LAYOUT_RED] = "\033[31m",
		[LAYOUT_YELLOW] = "\033[33m",
	};

	return layout->colour ? sequences[style] : "";
}

/* Returns the bytes of the character or escape sequence at the start of a text that is not empty,
 * and sets *ret_columns to its columns. */
static size_t step(const char *text, size_t size, size_t *ret_columns)
{
	size_t length;

	*ret_columns = 0;
	if (*text == ESCAPE) {
		const char *end = memchr(text, 'm', size);

		return end ? (size_t)(end - text) + 1 : 1;
	}
	*ret_columns = 1;
	utf8_step(text, size, &length);
	return length;
}

static size_t columns_of(const char *text, size_t size)
{
	size_t sum = 0;

	while (size > 0) {
		size_t columns;
		size_t length = step(text, size, &columns);

		sum += columns;
		text += length;
		size -= length;
	}
	return sum;
}

size_t layout_columns(const char *text)
{
	return columns_of(text, strlen(text));
}

static void put(FILE *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		putc(text[i] == LAYOUT_JOIN[0] ? ' ' : text[i], out);
}

size_t layout_paragraph(const struct layout *layout, FILE *out, size_t column, size_t indent,
			const char *text)
{
	size_t least = indent + COLUMNS_LEAST;
	size_t width = layout->width > least ? layout->width : least;
	size_t lines = 1;
	bool is_first = true;

	while (*text != '\0') {
		size_t spaces = strspn(text, " ");
		size_t size = strcspn(text + spaces, " ");
		size_t columns = columns_of(text + spaces, size);

		if (!is_first && column + spaces + columns > width) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
			spaces = 0;
			text += strspn(text, " ");
			lines++;
		}
		is_first = false;
		put(out, text, spaces + size);
		column += spaces + columns;
		text += spaces + size;
	}
	putc('\n', out);
	return lines;
}

/* Returns the bytes of the first `columns` columns. */
static size_t find_column(const char *text, size_t columns)
{
	size_t at = 0;
	size_t size = strlen(text);

	while (at < size && columns > 0) {
		size_t used;

		at += step(text + at, size - at, &used);
		columns -= used;
	}
	return at;
}

/* The start gets two thirds, and ends with a whole word if a space is near. */
char *layout_cut_middle(const char *text, size_t columns)
{
	static const char gap[] = " ... ";
	size_t total = layout_columns(text);
	size_t gap_columns = strlen(gap);
	size_t start, end;
	char *copy;

	if (total <= columns)
		return strdup(text);
	columns = columns > 3 * gap_columns ? columns : 3 * gap_columns;
	start = (columns - gap_columns) / 3 * 2;
	end = total - (columns - gap_columns - start);
	start = find_column(text, start);
	end = find_column(text, end);
	for (size_t at = start; at > start / 3; at--)
		if (text[at] == ' ') {
			start = at;
			break;
		}
	if (strchr(text + end, ' '))
		end = (size_t)(strchr(text + end, ' ') - text) + 1;
	copy = malloc(start + gap_columns + strlen(text + end) + 1);
	if (!copy)
		return NULL;
	memcpy(copy, text, start);
	memcpy(copy + start, gap, gap_columns);
	memcpy(copy + start + gap_columns, text + end, strlen(text + end) + 1);
	return copy;
}
