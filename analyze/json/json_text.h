/* analyze/json/json_text.h - appends JSON to a buffer: plain ASCII without control characters
 *
 * On allocation failure, the buffer has `failed` set, as base/buffer.h describes.
 */
#ifndef ANALYZE_JSON_JSON_TEXT_H
#define ANALYZE_JSON_JSON_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "analyze/trace/trace.h"
#include "base/buffer.h"

/* Appends trusted text as it is. */
static inline void json_text_raw(struct buffer *out, struct trace_text text)
{
	buffer_put(out, text.bytes, text.size);
}

/* Appends a literal, such as "[]". */
static inline void json_text_literal(struct buffer *out, const char *text)
{
	buffer_put(out, text, strlen(text));
}

/* Appends a comma, unless the buffer ends with an opening brace or bracket, or is empty. */
void json_text_comma(struct buffer *out);

/* Appends a comma if needed, and the name of a member: ,"comm": - the name can be any text. */
void json_text_name(struct buffer *out, const char *name);

/* Appends values. An unsigned value above INT64_MAX becomes INT64_MAX, since many programs read no
 * larger ones. */
void json_text_uint(struct buffer *out, uint64_t value);
void json_text_int(struct buffer *out, int64_t value);
void json_text_bool(struct buffer *out, bool value);

/* Appends "0x7ffd5c3e": an address can exceed the range of JSON numbers. */
void json_text_hex(struct buffer *out, uint64_t value);

/* Appends text from a file, with quotes. Each byte that is not UTF-8 becomes U+FFFD. Returns
 * whether the text is UTF-8. */
bool json_text_string(struct buffer *out, struct trace_text text);

/* The same for trusted text in UTF-8. */
void json_text_word(struct buffer *out, const char *word);

/* Appends bytes as text in hexadecimal digits. */
void json_text_bytes(struct buffer *out, struct trace_text bytes);

/* Appends a member with text from a file. If it is not UTF-8, the member NAME_hex follows, with the
 * original bytes. */
void json_text_member(struct buffer *out, const char *name, struct trace_text text);

#endif
