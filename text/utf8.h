/* text/utf8.h - decoding of untrusted UTF-8, one character at a time */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H
#include <stddef.h>
#include <stdint.h>

/* Result of utf8_step() for a byte that does not start a well-formed character. */
#define UTF8_INVALID UINT32_MAX

/*
 * Decodes the character at the start of `text`, which has `size` bytes (at least one). Returns its
 * code point and sets *ret_length to its bytes (1 to 4). Returns UTF8_INVALID with a length of 1
 * for an overlong form, a surrogate, a value above U+10FFFF, a stray continuation byte, or a
 * truncated character, so that a caller always advances.
 */
uint32_t utf8_step(const char *text, size_t size, size_t *ret_length);
#endif
