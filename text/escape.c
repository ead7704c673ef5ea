/* text/escape.c - escapes of untrusted text in outputs */
#include "text/escape.h"

#include <stdint.h>
#include <string.h>

#include "text/utf8.h"

static const char empty_frame[] = "[empty]";

struct code_range {
	uint32_t first;
	uint32_t last;
};

/* Ascending: characters that control a terminal, reorder text, or are invisible. */
static const struct code_range hidden[] = {
	{0x0000, 0x001f},   /* C0 */
	{0x007f, 0x009f},   /* DEL, C1 */
	{0x00ad, 0x00ad},   /* soft hyphen */
	{0x061c, 0x061c},   /* Arabic letter mark */
	{0x180e, 0x180e},   /* Mongolian vowel separator */
	{0x200b, 0x200b},   /* zero width space; joiners are letters of some scripts */
	{0x200e, 0x200f},   /* left-to-right and right-to-left mark */
	{0x2028, 0x202e},   /* separators, embeddings, overrides */
	{0x2060, 0x206f},   /* word joiner, isolates, deprecated format characters */
	{0xfdd0, 0xfdef},   /* noncharacters */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xfff9, 0xfffb},   /* interlinear annotation */
	{0xe0000, 0xe0fff}, /* tags */
};

static bool is_hidden(uint32_t code)
{
	if (code >= 0x20 && code < 0x7f)
		return false;
	if ((code & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]) && hidden[i].first <= code; i++)
		if (code <= hidden[i].last)
			return true;
	return false;
}

static size_t put(char piece[ESCAPE_PIECE_MAX], const char *text)
{
	size_t length = strlen(text);

	memcpy(piece, text, length);
	return length;
}

static size_t put_byte(char piece[ESCAPE_PIECE_MAX], uint8_t byte)
{
	static const char digits[] = "0123456789abcdef";

	piece[0] = '\\';
	piece[1] = 'x';
	piece[2] = digits[byte >> 4];
	piece[3] = digits[byte & 15];
	return 4;
}

static size_t put_code(char piece[ESCAPE_PIECE_MAX], uint32_t code)
{
	if (code < 0x80)
		return put_byte(piece, (uint8_t)code);
	return (size_t)snprintf(piece, ESCAPE_PIECE_MAX, "\\u{%x}", (unsigned int)code);
}

static const char *xml_reference(uint32_t code)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Returns the offset of the space before a number at the end, which readers of folded stacks would
 * take as the count; `size` if there is none. */
static size_t find_number_space(const char *text, size_t size)
{
	size_t at = size;

	while (at > 0 && ((text[at - 1] >= '0' && text[at - 1] <= '9') || text[at - 1] == '.'))
		at--;
	return at > 0 && at < size && text[at - 1] == ' ' ? at - 1 : size;
}

/* Whether the character at escape->at would end or split its frame, or start a count or comment. */
static bool breaks_frame(const struct escape *escape, uint32_t code)
{
	if (code == ';')
		return true;
	if (code == '#')
		return escape->at == 0;
	return code == ' ' && (escape->at == 0 || escape->at == escape->size - 1 ||
			       escape->at == escape->number_space);
}

void escape_begin(struct escape *escape, enum escape_style style, const char *text, size_t size)
{
	if (style == ESCAPE_FRAME && size == 0) {
		text = empty_frame;
		size = sizeof(empty_frame) - 1;
	}
	*escape = (struct escape){.style = style, .text = text, .size = size, .number_space = size};
	if (style == ESCAPE_FRAME)
		escape->number_space = find_number_space(text, size);
}

static size_t put_character(const struct escape *escape, uint32_t code, size_t length,
			    char piece[ESCAPE_PIECE_MAX])
{
	const char *reference = escape->style == ESCAPE_XML ? xml_reference(code) : NULL;

	if (reference)
		return put(piece, reference);
	if (is_hidden(code) || (escape->style == ESCAPE_FRAME && breaks_frame(escape, code)))
		return put_code(piece, code);
	memcpy(piece, escape->text + escape->at, length);
	return length;
}

size_t escape_next(struct escape *escape, char piece[ESCAPE_PIECE_MAX])
{
	size_t length;
	size_t written;
	uint32_t code;

	if (escape->at >= escape->size)
		return 0;
	code = utf8_step(escape->text + escape->at, escape->size - escape->at, &length);
	if (code == UTF8_INVALID)
		written = put_byte(piece, (uint8_t)escape->text[escape->at]);
	else
		written = put_character(escape, code, length, piece);
	escape->at += length;
	return written;
}

bool escape_is_clean(enum escape_style style, const char *text, size_t size)
{
	struct escape escape;
	char piece[ESCAPE_PIECE_MAX];
	size_t before = 0;
	size_t length;

	if (style == ESCAPE_FRAME && size == 0)
		return false;
	escape_begin(&escape, style, text, size);
	while ((length = escape_next(&escape, piece)) > 0) {
		if (length != escape.at - before || memcmp(piece, text + before, length) != 0)
			return false;
		before = escape.at;
	}
	return true;
}

/* Returns whether all bytes stand for themselves on a terminal, as those of most names do. */
static bool is_plain_ascii(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return true;
}

bool escape_write(FILE *stream, enum escape_style style, const char *text, size_t size)
{
	struct escape escape;
	char piece[ESCAPE_PIECE_MAX];
	size_t length;

	if (style == ESCAPE_TERMINAL && is_plain_ascii(text, size))
		return fwrite(text, 1, size, stream) == size;
	escape_begin(&escape, style, text, size);
	while ((length = escape_next(&escape, piece)) > 0)
		if (fwrite(piece, 1, length, stream) != length)
			return false;
	return true;
}

size_t escape_copy(char *out, size_t capacity, enum escape_style style, const char *text,
		   size_t size)
{
	struct escape escape;
	char piece[ESCAPE_PIECE_MAX];
	size_t total = 0;
	size_t kept = 0;
	size_t length;

	escape_begin(&escape, style, text, size);
	while ((length = escape_next(&escape, piece)) > 0) {
		if (kept == total && total + length < capacity) {
			memcpy(out + kept, piece, length);
			kept += length;
		}
		total += length;
	}
	out[kept] = '\0';
	return total;
}
