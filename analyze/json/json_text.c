/* analyze/json/json_text.c - appends JSON to a buffer: plain ASCII without control characters */
#include "analyze/json/json_text.h"

#include <stdio.h>

#include "text/utf8.h"

#define NUMBER_MAX_BYTES 24u

#define REPLACEMENT 0xfffdu

static const char lower[] = "0123456789abcdef";

void json_text_comma(struct buffer *out)
{
	uint8_t last = out->size > 0 ? out->data[out->size - 1] : '{';

	if (last != '{' && last != '[')
		buffer_put_u8(out, ',');
}

void json_text_name(struct buffer *out, const char *name)
{
	json_text_comma(out);
	json_text_word(out, name);
	buffer_put_u8(out, ':');
}

void json_text_uint(struct buffer *out, uint64_t value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char digits[NUMBER_MAX_BYTES];
	char *first = digits + sizeof(digits);

	if (value > INT64_MAX)
		value = INT64_MAX;
	for (; value >= 100; value /= 100) {
		first -= 2;
		memcpy(first, pairs + value % 100 * 2, 2);
	}
	first -= value >= 10 ? 2 : 1;
	memcpy(first, pairs + value * 2 + (value >= 10 ? 0 : 1), value >= 10 ? 2 : 1);
	buffer_put(out, first, (size_t)(digits + sizeof(digits) - first));
}

void json_text_int(struct buffer *out, int64_t value)
{
	char digits[NUMBER_MAX_BYTES];

	if (value >= 0)
		json_text_uint(out, (uint64_t)value);
	else
		buffer_put(out, digits,
			   (size_t)snprintf(digits, sizeof(digits), "%lld", (long long)value));
}

void json_text_bool(struct buffer *out, bool value)
{
	if (value)
		json_text_literal(out, "true");
	else
		json_text_literal(out, "false");
}

void json_text_hex(struct buffer *out, uint64_t value)
{
	char text[NUMBER_MAX_BYTES];
	char *first = text + sizeof(text);

	*--first = '"';
	do {
		*--first = lower[value & 15];
		value >>= 4;
	} while (value > 0);
	*--first = 'x';
	*--first = '0';
	*--first = '"';
	buffer_put(out, first, (size_t)(text + sizeof(text) - first));
}

/* Returns whether a byte stands for itself in a JSON string. */
static bool is_plain(uint8_t byte)
{
	return byte >= ' ' && byte < 0x7f && byte != '"' && byte != '\\';
}

static void put_unit(struct buffer *out, uint32_t unit)
{
	char escape[8];

	snprintf(escape, sizeof(escape), unit == 0x7f ? "\\u%04x" : "\\u%04X", unit & 0xffffu);
	buffer_put(out, escape, 6);
}

/* Appends a character that does not stand for itself. */
static void put_escape(struct buffer *out, uint32_t code)
{
	static const char letters[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n',  ['\f'] = 'f',
		['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\',
	};

	if (code < sizeof(letters) && letters[code]) {
		buffer_put_u8(out, '\\');
		buffer_put_u8(out, (uint8_t)letters[code]);
	} else if (code >= 0x10000) {
		put_unit(out, 0xd800 + ((code - 0x10000) >> 10));
		put_unit(out, 0xdc00 + ((code - 0x10000) & 0x3ff));
	} else {
		put_unit(out, code);
	}
}

bool json_text_string(struct buffer *out, struct trace_text text)
{
	bool is_utf8 = true;

	buffer_put_u8(out, '"');
	for (size_t at = 0; at < text.size;) {
		size_t end = at;
		size_t length;
		uint32_t code;

		while (end < text.size && is_plain((uint8_t)text.bytes[end]))
			end++;
		if (end > at)
			buffer_put(out, text.bytes + at, end - at);
		at = end;
		if (at == text.size)
			break;
		code = utf8_step(text.bytes + at, text.size - at, &length);
		is_utf8 &= code != UTF8_INVALID;
		put_escape(out, code == UTF8_INVALID ? REPLACEMENT : code);
		at += length;
	}
	buffer_put_u8(out, '"');
	return is_utf8;
}

void json_text_word(struct buffer *out, const char *word)
{
	json_text_string(out, (struct trace_text){word, strlen(word)});
}

void json_text_bytes(struct buffer *out, struct trace_text bytes)
{
	uint8_t *hex = buffer_extend(out, bytes.size * 2 + 2);

	if (!hex)
		return;
	*hex++ = '"';
	for (size_t i = 0; i < bytes.size; i++) {
		uint8_t byte = (uint8_t)bytes.bytes[i];

		*hex++ = (uint8_t)lower[byte >> 4];
		*hex++ = (uint8_t)lower[byte & 15];
	}
	*hex = '"';
}

void json_text_member(struct buffer *out, const char *name, struct trace_text text)
{
	json_text_name(out, name);
	if (json_text_string(out, text))
		return;
	json_text_comma(out);
	buffer_put_u8(out, '"');
	buffer_put(out, name, strlen(name));
	json_text_literal(out, "_hex\":");
	json_text_bytes(out, text);
}
