/* tests/text/test_utf8.c - text/utf8.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/utf8.h"

struct example {
	const char *bytes;
	size_t size;
	uint32_t code;
	size_t length;
};

static void assert_steps(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = 99;

		assert_int_equal(utf8_step(examples[i].bytes, examples[i].size, &length),
				 examples[i].code);
		assert_int_equal(length, examples[i].length);
	}
}

static void characters_of_each_length_are_decoded(void **state)
{
	static const struct example examples[] = {
		{"A", 1, 'A', 1},
		{"\0", 1, 0, 1},
		{"\x7f", 1, 0x7f, 1},
		{"\xc2\x80", 2, 0x80, 2},
		{"\xc3\xa9z", 3, 0xe9, 2},
		{"\xe2\x82\xac", 3, 0x20ac, 3},
		{"\xed\x9f\xbf", 3, 0xd7ff, 3},
		{"\xee\x80\x80", 3, 0xe000, 3},
		{"\xf0\x9f\x94\xa5", 4, 0x1f525, 4},
		{"\xf4\x8f\xbf\xbf", 4, 0x10ffff, 4},
	};

	(void)state;
	assert_steps(examples, sizeof(examples) / sizeof(examples[0]));
}

static void malformed_characters_are_invalid_and_one_byte_long(void **state)
{
	static const struct example examples[] = {
		{"\x80", 1, UTF8_INVALID, 1},             /* continuation alone */
		{"\xff", 1, UTF8_INVALID, 1},             /* never a first byte */
		{"\xc3", 1, UTF8_INVALID, 1},             /* truncated */
		{"\xe2\x82", 2, UTF8_INVALID, 1},         /* truncated */
		{"\xc3z", 2, UTF8_INVALID, 1},            /* continuation missing */
		{"\xc0\xaf", 2, UTF8_INVALID, 1},         /* overlong slash */
		{"\xe0\x80\xaf", 3, UTF8_INVALID, 1},     /* overlong slash */
		{"\xed\xa0\x80", 3, UTF8_INVALID, 1},     /* surrogate */
		{"\xf4\x90\x80\x80", 4, UTF8_INVALID, 1}, /* above U+10FFFF */
		{"\xf8\x88\x80\x80\x80", 5, UTF8_INVALID, 1},
	};

	(void)state;
	assert_steps(examples, sizeof(examples) / sizeof(examples[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_of_each_length_are_decoded),
		cmocka_unit_test(malformed_characters_are_invalid_and_one_byte_long),
	};

	return cmocka_run_group_tests_name("text/utf8", tests, NULL, NULL);
}
