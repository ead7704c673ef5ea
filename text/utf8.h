/* text/utf8.h - one step through bytes that claim to be UTF-8 */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H
#include <stddef.h>
#include <stdint.h>

/* What utf8_step() returns for a byte that starts no well-formed character. */
#define UTF8_INVALID UINT32_MAX

/*
 * Decodes the character at the start of `text`, of which `size` bytes (at least one) may be read.
 * Returns its code point and writes its length in bytes (1 to 4) to *ret_length. An overlong form,
 * a surrogate, a value above U+10FFFF, a stray continuation byte or a character that is cut off
 * returns UTF8_INVALID with a length of one, so that a caller always moves on.
 */
uint32_t utf8_step(const char *text, size_t size, size_t *ret_length);
#endif
