/* ctl/answer.c - the answer of a recorder, printed as text or JSON */
#include "ctl/answer.h"

#include <ctype.h>
#include <string.h>

#include "text/escape.h"

static const char error_prefix[] = "error: ";

/* One line of an answer: a key, and a value if there is a space. */
struct line {
	const char *key;
	size_t key_size;
	const char *value;
	size_t value_size;
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

static size_t count_key(const char *text, const struct line *like)
{
	struct line line;
	size_t count = 0;

	while (next_line(&text, &line))
		count += has_key(&line, like->key, like->key_size);
	return count;
}

static void write_array(const char *text, const struct line *like, FILE *out)
{
	const char *separator = "[";
	struct line line;

	while (next_line(&text, &line)) {
		if (!has_key(&line, like->key, like->key_size))
			continue;
		(void)fputs(separator, out);
		write_value(&line, out);
		separator = ", ";
	}
	(void)fputc(']', out);
}

/* Keys come in groups; the first line of a group writes it whole. */
static void write_member(const char *answer, const struct line *line, FILE *out)
{
	const size_t count = count_key(answer, line);
	const bool is_first = count_key(line->key, line) == count;

	if (!is_first)
		return;
	write_key(line, out);
	if (count > 1)
		write_array(line->key, line, out);
	else
		write_value(line, out);
}

void answer_print_json(const char *answer, FILE *out)
{
	static const char count_name[] = "count";
	const char *rest = answer;
	struct line line;

	(void)fputs("{\"ok\": true", out);
	while (next_line(&rest, &line)) {
		if (!has_key(&line, "ok", 2)) {
			write_member(answer, &line, out);
		} else if (line.value_size) {
			line.key = count_name;
			line.key_size = sizeof(count_name) - 1;
			write_key(&line, out);
			write_value(&line, out);
		}
	}
	(void)fputs("}\n", out);
}

void answer_print_error_json(const char *reason, FILE *out)
{
	(void)fputs("{\"ok\": false, \"error\": ", out);
	write_string(reason, strlen(reason), out);
	(void)fputs("}\n", out);
}
