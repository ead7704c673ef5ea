/* text/utf8.c - decoding of untrusted UTF-8, one character at a time */
#include "text/utf8.h"

struct sequence {
	uint8_t mask;      /* bits of the first byte that encode the length */
	uint8_t lead;      /* their value */
	uint8_t length;    /* bytes */
	uint32_t smallest; /* a smaller code point in this length is overlong */
};

static const struct sequence sequences[] = {
	{0x80, 0x00, 1, 0x0},
	{0xe0, 0xc0, 2, 0x80},
	{0xf0, 0xe0, 3, 0x800},
	{0xf8, 0xf0, 4, 0x10000},
};

static const struct sequence *sequence_of(uint8_t first)
{
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		if ((first & sequences[i].mask) == sequences[i].lead)
			return &sequences[i];
	return NULL;
}

uint32_t utf8_step(const char *text, size_t size, size_t *ret_length)
{
	uint8_t first = (uint8_t)text[0];
	const struct sequence *sequence = sequence_of(first);
	uint32_t code;

	*ret_length = 1;
	if (!sequence || sequence->length > size)
		return UTF8_INVALID;
	code = (uint32_t)(first & (uint8_t)~sequence->mask);
	for (size_t i = 1; i < sequence->length; i++) {
		uint8_t next = (uint8_t)text[i];

		if ((next & 0xc0) != 0x80)
			return UTF8_INVALID;
		code = code << 6 | (next & 0x3f);
	}
	if (code < sequence->smallest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return UTF8_INVALID;
	*ret_length = sequence->length;
	return code;
}
