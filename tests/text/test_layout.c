/* tests/text/test_layout.c - text/layout.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "text/layout.h"

static void assert_paragraph(unsigned int width, size_t indent, const char *text,
			     const char *expected)
{
	const struct layout layout = {.width = width};
	char *written = NULL;
	size_t size, lines, line_ends = 0;
	FILE *out = open_memstream(&written, &size);

	assert_non_null(out);
	lines = layout_paragraph(&layout, out, 0, indent, text);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(written, expected);
	for (size_t i = 0; i < size; i++)
		line_ends += written[i] == '\n';
	assert_int_equal(lines, line_ends);
	free(written);
}

static void lines_are_broken_between_words(void **state)
{
	(void)state;
	assert_paragraph(20, 2, "one two three four five", "one two three four\n  five\n");
	assert_paragraph(20, 2, "one  two three     four", "one  two three\n  four\n");
	assert_paragraph(20, 2, "", "\n");
}

static void words_are_never_cut(void **state)
{
	(void)state;
	assert_paragraph(20, 2, "a abcdefghijklmnopqrstuvwxyz b",
			 "a\n  abcdefghijklmnopqrstuvwxyz\n  b\n");
	assert_paragraph(20, 2, "123456789 b" LAYOUT_JOIN "cdefghijklm",
			 "123456789\n  b cdefghijklm\n");
}

static void a_narrow_screen_keeps_some_columns(void **state)
{
	(void)state;
	assert_paragraph(5, 4, "one two three four five", "one two three four\n    five\n");
}

static void characters_are_counted_and_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(layout_columns("\303\227 \342\224\234"), 3);
	assert_int_equal(layout_columns("\033[31mred\033[0m"), 3);
	assert_paragraph(20, 2, "\033[31m1234567890\033[0m 123456789",
			 "\033[31m1234567890\033[0m 123456789\n");
}

static void assert_cut(const char *text, size_t columns, const char *expected)
{
	char *cut = layout_cut_middle(text, columns);

	assert_string_equal(cut, expected);
	assert_true(strlen(cut) <= columns || columns < 15);
	free(cut);
}

static void the_middle_of_a_line_is_left_out(void **state)
{
	(void)state;
	assert_cut("java -Xmx4g com.acme.Main", 25, "java -Xmx4g com.acme.Main");
	assert_cut("java -Xmx4g -XX:+UseG1GC -Dfoo=bar -cp lib com.acme.Main", 40,
		   "java -Xmx4g ... com.acme.Main");
	assert_cut("abcdefghijklmnopqrstuvwxyz", 20, "abcdefghij ... vwxyz");
}

static void styles_need_colour(void **state)
{
	const struct layout plain = {.width = 80};
	const struct layout colour = {.width = 80, .colour = true};

	(void)state;
	assert_string_equal(layout_style(&plain, LAYOUT_RED), "");
	assert_string_equal(layout_style(&colour, LAYOUT_RED), "\033[31m");
}

static void columns_decide_the_width(void **state)
{
	(void)state;
	assert_int_equal(setenv("COLUMNS", "72", 1), 0);
	assert_int_equal(layout_of(stdout).width, 72);
	assert_int_equal(setenv("COLUMNS", "20", 1), 0);
	assert_int_equal(layout_of(stdout).width, 20);
	assert_int_equal(setenv("COLUMNS", "x", 1), 0);
	assert_true(layout_of(stdout).width >= 60);
	assert_int_equal(setenv("COLUMNS", "0", 1), 0);
	assert_true(layout_of(stdout).width >= 60);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_broken_between_words),
		cmocka_unit_test(words_are_never_cut),
		cmocka_unit_test(a_narrow_screen_keeps_some_columns),
		cmocka_unit_test(characters_are_counted_and_not_bytes),
		cmocka_unit_test(the_middle_of_a_line_is_left_out),
		cmocka_unit_test(styles_need_colour),
		cmocka_unit_test(columns_decide_the_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
