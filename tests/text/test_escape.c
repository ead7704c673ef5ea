/* tests/text/test_escape.c - text/escape.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/escape.h"

struct example {
	enum escape_style style;
	const char *raw;
	const char *escaped;
};

static void assert_escaped(const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct example *example = &examples[i];
		char out[256];
		size_t length = escape_copy(out, sizeof(out), example->style, example->raw,
					    strlen(example->raw));

		assert_string_equal(out, example->escaped);
		assert_int_equal(length, strlen(example->escaped));
		assert_int_equal(
			escape_is_clean(example->style, example->raw, strlen(example->raw)),
			strcmp(example->raw, example->escaped) == 0);
	}
}

#define ASSERT_ESCAPED(examples) assert_escaped(examples, sizeof(examples) / sizeof((examples)[0]))

static void a_terminal_sees_no_control_and_no_reordering(void **state)
{
	static const struct example examples[] = {
		{ESCAPE_TERMINAL, "plain text", "plain text"},
		{ESCAPE_TERMINAL, "\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"},
		{ESCAPE_TERMINAL, "a\nb\tc\rd\x7f", "a\\x0ab\\x09c\\x0dd\\x7f"},
		{ESCAPE_TERMINAL,
		 "\xc2\x9b"
		 "2J",
		 "\\u{9b}2J"},
		{ESCAPE_TERMINAL,
		 "\x9b"
		 "2J",
		 "\\x9b2J"},
		{ESCAPE_TERMINAL, "caf\xe9", "caf\\xe9"},
		{ESCAPE_TERMINAL, "caf\xc3\xa9 \xf0\x9f\x94\xa5", "caf\xc3\xa9 \xf0\x9f\x94\xa5"},
		{ESCAPE_TERMINAL,
		 "\xe2\x80\xae"
		 "gpj.exe",
		 "\\u{202e}gpj.exe"},
		{ESCAPE_TERMINAL, "\xe2\x81\xa6\xef\xbb\xbf", "\\u{2066}\\u{feff}"},
		{ESCAPE_TERMINAL, "\xc0\xaf", "\\xc0\\xaf"},
		{ESCAPE_TERMINAL, "C:\\dir\\x41", "C:\\dir\\x41"},
		{ESCAPE_TERMINAL, "\xf3\xa0\x80\x81", "\\u{e0001}"},
		{ESCAPE_TERMINAL, "\xf4\x8f\xbf\xbf", "\\u{10ffff}"},
		{ESCAPE_TERMINAL, "", ""},
	};

	(void)state;
	ASSERT_ESCAPED(examples);
}

static void xml_text_and_attributes_are_escaped(void **state)
{
	static const struct example examples[] = {
		{ESCAPE_XML, "a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"},
		{ESCAPE_XML, "\" onload='x'", "&quot; onload=&#39;x&#39;"},
		{ESCAPE_XML, "]]></script>", "]]&gt;&lt;/script&gt;"},
		{ESCAPE_XML, "&#x1b;", "&amp;#x1b;"},
		{ESCAPE_XML, "\x1b\x01", "\\x1b\\x01"},
		{ESCAPE_XML, "\xef\xbf\xbe", "\\u{fffe}"},
		{ESCAPE_XML, "std::map<int>", "std::map&lt;int&gt;"},
	};

	(void)state;
	ASSERT_ESCAPED(examples);
}

static void a_frame_stays_one_frame_with_one_count(void **state)
{
	static const struct example examples[] = {
		{ESCAPE_FRAME, "main", "main"},
		{ESCAPE_FRAME, "Ljava/lang/String;", "Ljava/lang/String\\x3b"},
		{ESCAPE_FRAME, "a;b\nc 7", "a\\x3bb\\x0ac\\x207"},
		{ESCAPE_FRAME, "thread 7", "thread\\x207"},
		{ESCAPE_FRAME, "thread 7.5", "thread\\x207.5"},
		{ESCAPE_FRAME, "thread 7 pool", "thread 7 pool"},
		{ESCAPE_FRAME, "7", "7"},
		{ESCAPE_FRAME, " a ", "\\x20a\\x20"},
		{ESCAPE_FRAME, " 99999", "\\x2099999"},
		{ESCAPE_FRAME, " ", "\\x20"},
		{ESCAPE_FRAME, "#include", "\\x23include"},
		{ESCAPE_FRAME, "a#b", "a#b"},
		{ESCAPE_FRAME, "", "[empty]"},
		{ESCAPE_FRAME, "operator< (int)", "operator< (int)"},
	};

	(void)state;
	ASSERT_ESCAPED(examples);
}

static void a_buffer_that_is_too_small_holds_whole_pieces(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(escape_copy(out, sizeof(out), ESCAPE_TERMINAL, "abcde\x1bz", 7), 10);
	assert_string_equal(out, "abcde");
	assert_int_equal(escape_copy(out, 1, ESCAPE_TERMINAL, "abc", 3), 3);
	assert_string_equal(out, "");
}

static void every_byte_is_safe_in_every_style(void **state)
{
	static const enum escape_style styles[] = {ESCAPE_TERMINAL, ESCAPE_XML, ESCAPE_FRAME};

	(void)state;
	for (size_t i = 0; i < 3 * 256; i++) {
		char raw[3] = {'a', (char)(i % 256), 'b'};
		char out[64];

		escape_copy(out, sizeof(out), styles[i / 256], raw, sizeof(raw));
		for (const char *c = out; *c; c++)
			assert_in_range((uint8_t)*c, 0x20, 0x7e);
		if (styles[i / 256] == ESCAPE_FRAME)
			assert_null(strchr(out, ';'));
		if (styles[i / 256] == ESCAPE_XML)
			assert_null(strpbrk(out, "<>\"'"));
	}
}

static void a_stream_receives_the_same_as_a_buffer(void **state)
{
	char *written = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&written, &size);

	(void)state;
	assert_non_null(stream);
	assert_true(escape_write(stream, ESCAPE_XML, "<a\x1b>\0b", 6));
	assert_int_equal(fclose(stream), 0);
	assert_string_equal(written, "&lt;a\\x1b&gt;\\x00b");
	free(written);
}

static void a_full_disk_is_reported(void **state)
{
	FILE *stream = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(stream);
	setvbuf(stream, NULL, _IONBF, 0);
	assert_false(escape_write(stream, ESCAPE_TERMINAL, "abc", 3));
	fclose(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_sees_no_control_and_no_reordering),
		cmocka_unit_test(xml_text_and_attributes_are_escaped),
		cmocka_unit_test(a_frame_stays_one_frame_with_one_count),
		cmocka_unit_test(a_buffer_that_is_too_small_holds_whole_pieces),
		cmocka_unit_test(every_byte_is_safe_in_every_style),
		cmocka_unit_test(a_stream_receives_the_same_as_a_buffer),
		cmocka_unit_test(a_full_disk_is_reported),
	};

	return cmocka_run_group_tests_name("text/escape", tests, NULL, NULL);
}
