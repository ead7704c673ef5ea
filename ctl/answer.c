/* ctl/answer.c - the answer of a recorder, printed as text or JSON */
#include "ctl/answer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"

static const char error_prefix[] = "error: ";

/* One line of an answer: a key, and a value if there is a space. */
struct line {
	const char *key;
	size_t key_size;
	const char *value;
	size_t value_size;
	const struct line *next; /* in the answer, with the same key */
	bool is_written;         /* as part of an array */
};

/* Takes the next line off *text. Returns false at the end. */
static bool next_line(const char **text, struct line *ret_line)
{
	const size_t size = strcspn(*text, "\n");
	const char *space = memchr(*text, ' ', size);

	if (**text == '\0')
		return false;
	*ret_line = (struct line){.key = *text, .key_size = size, .value = *text + size};
	if (space) {
		ret_line->key_size = (size_t)(space - *text);
		ret_line->value = space + 1;
		ret_line->value_size = size - ret_line->key_size - 1;
	}
	*text += size + ((*text)[size] == '\n');
	return true;
}

static bool has_key(const struct line *line, const char *key, size_t size)
{
	return line->key_size == size && memcmp(line->key, key, size) == 0;
}

char *answer_error(char *answer)
{
	char *end;
	char *newline;

	/* Lines of data before it are of no use then. */
	end = answer + strlen(answer);
	if (end > answer)
		*--end = '\0';
	newline = strrchr(answer, '\n');
	newline = newline ? newline + 1 : answer;
	if (strncmp(newline, error_prefix, sizeof(error_prefix) - 1) == 0)
		return newline + sizeof(error_prefix) - 1;
	*end = '\n';
	return NULL;
}

void answer_print_text(const char *answer, FILE *out)
{
	struct line line;

	while (next_line(&answer, &line)) {
		const bool is_last = has_key(&line, "ok", 2);

		if (!is_last) {
			(void)escape_write(out, ESCAPE_TERMINAL, line.key, line.key_size);
			(void)fputc(' ', out);
		}
		(void)escape_write(out, ESCAPE_TERMINAL, line.value, line.value_size);
		if (!is_last || line.value_size)
			(void)fputc('\n', out);
	}
}

/* Bytes that are not UTF-8, and control characters, are escaped as for a terminal. */
static void write_string(const char *text, size_t size, FILE *out)
{
	char piece[ESCAPE_PIECE_MAX];
	struct escape escape;
	size_t length;

	(void)fputc('"', out);
	escape_begin(&escape, ESCAPE_TERMINAL, text, size);
	while ((length = escape_next(&escape, piece))) {
		for (size_t i = 0; i < length; i++) {
			if (piece[i] == '"' || piece[i] == '\\')
				(void)fputc('\\', out);
			(void)fputc(piece[i], out);
		}
	}
	(void)fputc('"', out);
}

/* Digits, with at most one point between them, and no zero before others. */
static bool is_number(const struct line *line)
{
	const char *text = line->value;
	const char *point = memchr(text, '.', line->value_size);
	size_t whole = point ? (size_t)(point - text) : line->value_size;

	if (whole == 0 || line->value_size > 20 || (whole > 1 && text[0] == '0') ||
	    (point && line->value_size == whole + 1))
		return false;
	for (size_t i = 0; i < line->value_size; i++) {
		if (i != whole && !isdigit((unsigned char)text[i]))
			return false;
	}
	return true;
}

static void write_value(const struct line *line, FILE *out)
{
	if (is_number(line))
		(void)fwrite(line->value, line->value_size, 1, out);
	else
		write_string(line->value, line->value_size, out);
}

static void write_key(const struct line *line, FILE *out)
{
	(void)fputs(", \"", out);
	for (size_t i = 0; i < line->key_size; i++) {
		const char byte = line->key[i];

		if (isalnum((unsigned char)byte))
			(void)fputc(byte, out);
		else
			(void)fputc('_', out);
	}
	(void)fputs("\": ", out);
}

static void write_array(const struct line *line, FILE *out)
{
	const char *separator = "[";

	for (; line; line = line->next) {
		(void)fputs(separator, out);
		write_value(line, out);
		separator = ", ";
	}
	(void)fputc(']', out);
}

static void write_member(const struct line *line, FILE *out)
{
	static const char count_name[] = "count";
	struct line count = *line;

	if (has_key(line, "ok", 2)) {
		count.key = count_name;
		count.key_size = sizeof(count_name) - 1;
		line = &count;
		if (line->value_size == 0)
			return;
	}
	write_key(line, out);
	if (line->next)
		write_array(line, out);
	else
		write_value(line, out);
}

/* Orders lines by their keys; those with the same key, as in the answer. */
static int compare(const void *left, const void *right)
{
	const struct line *a = *(const struct line *const *)left;
	const struct line *b = *(const struct line *const *)right;
	const size_t size = a->key_size < b->key_size ? a->key_size : b->key_size;
	const int order = memcmp(a->key, b->key, size);

	if (order != 0)
		return order;
	if (a->key_size != b->key_size)
		return a->key_size < b->key_size ? -1 : 1;
	return a->key < b->key ? -1 : a->key > b->key;
}

/* Links each line to the next one with its key. `sorted` has room for a pointer to each line. */
static void link_lines(struct line *lines, size_t count, struct line **sorted)
{
	for (size_t i = 0; i < count; i++)
		sorted[i] = &lines[i];
	qsort(sorted, count, sizeof(struct line *), compare);
	for (size_t i = 1; i < count; i++) {
		if (!has_key(sorted[i - 1], sorted[i]->key, sorted[i]->key_size))
			continue;
		sorted[i - 1]->next = sorted[i];
		sorted[i]->is_written = true; /* with the first one */
	}
}

bool answer_print_json(const char *answer, FILE *out)
{
	size_t count = 0;
	const char *rest = answer;
	struct line line;
	struct line *lines;
	struct line **sorted;

	while (next_line(&rest, &line))
		count++;
	lines = calloc(count + 1, sizeof(struct line));
	sorted = calloc(count + 1, sizeof(struct line *));
	if (lines && sorted) {
		count = 0;
		while (next_line(&answer, &line))
			lines[count++] = line;
		link_lines(lines, count, sorted);
		(void)fputs("{\"ok\": true", out);
		for (size_t i = 0; i < count; i++) {
			if (!lines[i].is_written)
				write_member(&lines[i], out);
		}
		(void)fputs("}\n", out);
	}
	free(sorted);
	free(lines);
	return lines && sorted;
}

void answer_print_error_json(const char *reason, FILE *out)
{
	(void)fputs("{\"ok\": false, \"error\": ", out);
	write_string(reason, strlen(reason), out);
	(void)fputs("}\n", out);
}
