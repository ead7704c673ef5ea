/* flame/svg/label.c - names shortened so that the function can still be recognized */
#include "flame/svg/label.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "flame/tree/frame_name.h"
#include "flame/tree/frame_type.h"
#include "text/utf8.h"

static const char ellipsis[] = "\xe2\x80\xa6";

/* East Asian wide characters and emoji, roughly: a label must only never leave its box. */
static size_t columns_of(uint32_t code)
{
	return (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
			       (code >= 0xac00 && code <= 0xd7a3) ||
			       (code >= 0xf900 && code <= 0xfaff) ||
			       (code >= 0xfe30 && code <= 0xfe6f) ||
			       (code >= 0xff00 && code <= 0xff60) ||
			       (code >= 0x1f300 && code <= 0x1faff) ||
			       (code >= 0x20000 && code <= 0x3fffd)
		       ? 2
		       : 1;
}

static size_t count_columns(const char *text, size_t size)
{
	size_t columns = 0;
	size_t length;

	for (size_t at = 0; at < size; at += length)
		columns += columns_of(utf8_step(text + at, size - at, &length));
	return columns;
}

/* Returns the bytes of the longest start with at most `columns`. */
static size_t bytes_of_columns(const char *text, size_t size, size_t columns)
{
	size_t at = 0;
	size_t length;

	while (at < size) {
		size_t width = columns_of(utf8_step(text + at, size - at, &length));

		if (width > columns)
			break;
		columns -= width;
		at += length;
	}
	return at;
}

static bool ends_with(const char *text, size_t size, const char *end)
{
	size_t length = strlen(end);

	return size >= length && memcmp(text + size - length, end, length) == 0;
}

/* Whether the bracket at `at` belongs to the name, as in operator() and (anonymous namespace). */
static bool is_part_of_name(const char *text, size_t at, size_t size)
{
	static const char anonymous[] = "(anonymous";

	return ends_with(text, at, "operator") || ends_with(text, at, "operator<") || at == 0 ||
	       ends_with(text, at, "operator-") || ends_with(text, at, "operator>") ||
	       text[at - 1] == '-' ||
	       (size - at >= sizeof(anonymous) - 1 &&
		memcmp(text + at, anonymous, sizeof(anonymous) - 1) == 0);
}

/* Returns where the bracket at `at` is closed, or size. */
static size_t find_close(const char *text, size_t at, size_t size)
{
	const char open = text[at];
	const char close = open == '(' ? ')' : '>';
	size_t depth = 0;

	for (; at < size; at++) {
		if (text[at] == open)
			depth++;
		else if (text[at] == close && text[at - 1] != '-' && --depth == 0)
			return at;
	}
	return size;
}

/* Removes, in place, the text between the outermost brackets of one kind. Returns the new size. */
static size_t empty_brackets(char *text, size_t size, char open, bool keep_brackets)
{
	size_t out = 0;

	for (size_t at = 0; at < size; at++) {
		size_t close;

		if (text[at] != open || is_part_of_name(text, at, size) ||
		    (close = find_close(text, at, size)) == size) {
			text[out++] = text[at];
			continue;
		}
		if (keep_brackets) {
			text[out++] = open;
			text[out++] = text[close];
		}
		at = close;
	}
	return out;
}

/* Removes, in place, the type that a function returns, which is before its name. Returns the new
 * size. */
static size_t drop_result(char *text, size_t size)
{
	size_t from = 0;

	for (size_t at = 0; at + 1 < size; at++) {
		if (text[at] == '<' || text[at] == '(')
			at = find_close(text, at, size);
		else if (text[at] == ' ')
			from = at + 1;
	}
	if (ends_with(text, from, "operator "))
		return size;
	memmove(text, text + from, size - from);
	return size - from;
}

/* Without its arguments, a C++ function needs no " const" either. */
static size_t drop_arguments(char *text, size_t size)
{
	size_t left = empty_brackets(text, size, '(', false);

	if (left == size)
		return size;
	return drop_result(text, ends_with(text, left, " const") ? left - 6 : left);
}

/* Returns the size of the first component of a path or namespace with its separator; 0 for the
 * last. */
static size_t first_component(const char *text, size_t size)
{
	size_t at = 0;

	while (at < size && (text[at] == '/' || text[at] == ':'))
		at++;
	for (; at + 1 < size; at++) {
		if (text[at] == '<' || text[at] == '(') {
			at = find_close(text, at, size);
			continue;
		}
		if (text[at] == '/' || text[at] == '.')
			return at + 1;
		if (text[at] == ':' && text[at + 1] == ':')
			return at + 2 < size ? at + 2 : 0;
	}
	return 0;
}

/* A version or a suffix of the compiler, such as .part.0, is not a path. */
static bool is_path(const char *text, size_t size)
{
	const char *dot = memchr(text, '.', size);
	size_t dots = 0;

	if (memchr(text, '/', size) || memmem(text, size, "::", 2))
		return true;
	for (size_t i = 0; i < size; i++)
		dots += text[i] == '.';
	return dot && dots >= 2 && dot[1] >= 'A' && !memmem(text, size, ".part.", 6) &&
	       !memmem(text, size, ".isra.", 6) && !memmem(text, size, ".constprop.", 11);
}

/* The generic arguments of a Rust function are not its name. */
static size_t drop_turbofish(const char *text, size_t size)
{
	while (size > 4 && ends_with(text, size, "::<>"))
		size -= 4;
	return size;
}

/* Removes, in place, what a run-time adds to the name of a function. Returns the new size. */
static size_t keep_core(char *text, size_t size)
{
	struct frame_name_core core = frame_name_core(text, size);

	memmove(text, text + core.start, core.size);
	return core.size;
}

static size_t skip_any_of(const char *text, size_t at, size_t size, const char *characters)
{
	while (at < size && strchr(characters, text[at]) && text[at] != '\0')
		at++;
	return at;
}

/* Removes, in place, the address in the name of a Java lambda, `App$$Lambda$14/0x80066840.run`: it
 * says nothing, and would be all that fits. Returns the new size. */
static size_t drop_address(char *text, size_t size)
{
	static const char lambda[] = "$$Lambda";
	const char *found = memmem(text, size, lambda, sizeof(lambda) - 1);
	size_t start;
	size_t end;

	if (!found)
		return size;
	start = skip_any_of(text, (size_t)(found - text) + sizeof(lambda) - 1, size, "$0123456789");
	if (size - start < 4 || !strchr("./", text[start]) ||
	    memcmp(text + start + 1, "0x", 2) != 0)
		return size;
	end = skip_any_of(text, start + 3, size, "0123456789abcdef");
	if (end == start + 3)
		return size;
	memmove(text + start, text + end, size - end);
	return size - (end - start);
}

static size_t shorten(char *text, size_t size, size_t columns)
{
	size_t skip = 0;
	size_t next;

	size = drop_arguments(text, drop_address(text, keep_core(text, size)));
	if (count_columns(text, size) <= columns)
		return size;
	size = drop_turbofish(text, empty_brackets(text, size, '<', true));
	while (count_columns(text + skip, size - skip) > columns &&
	       is_path(text + skip, size - skip) &&
	       (next = first_component(text + skip, size - skip)) > 0)
		skip += next;
	memmove(text, text + skip, size - skip);
	return size - skip;
}

size_t label_fit(const char *name, size_t size, size_t columns, char label[LABEL_BYTES_MAX])
{
	label[0] = '\0';
	if (columns < LABEL_COLUMNS_MIN)
		return 0;
	size = frame_type_trim_suffix(name, size);
	if (size > LABEL_NAME_MAX)
		size = bytes_of_columns(name, LABEL_NAME_MAX, LABEL_NAME_MAX);
	memcpy(label, name, size);
	if (count_columns(label, size) > columns && !frame_name_is_regexp(label, size))
		size = shorten(label, size, columns);
	if (count_columns(label, size) > columns) {
		if (columns < LABEL_CUT_MIN) {
			label[0] = '\0';
			return 0;
		}
		size = bytes_of_columns(label, size, columns - 1);
		memcpy(label + size, ellipsis, sizeof(ellipsis) - 1);
		size += sizeof(ellipsis) - 1;
	}
	label[size] = '\0';
	return count_columns(label, size);
}
