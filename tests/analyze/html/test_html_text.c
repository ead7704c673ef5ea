/* tests/analyze/html/test_html_text.c - text in a page is never markup, whatever its bytes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/html/html_text.h"
#include "tests/analyze/replayed.h"
#include "text/layout.h"

static void write_text(FILE *out, void *context)
{
	html_text(out, context);
}

static void assert_text(const char *text, const char *wanted)
{
	char *copy = strdup(text);
	char *shown = replayed_text(write_text, copy);

	assert_string_equal(shown, wanted);
	free(shown);
	free(copy);
}

static void markup_is_text(void **state)
{
	(void)state;
	assert_text("<b>\"'&", "&lt;b&gt;&quot;&#39;&amp;");
	assert_text("&lt;", "&amp;lt;");
	assert_text("a\nb\x1b", "a\\x0ab\\x1b");
	assert_text("\342\200\256evil", "\\u{202e}evil");
	assert_text("\xff", "\\xff");
	assert_text("a" LAYOUT_JOIN "b", "a b");
	assert_text("", "");
}

static void long_texts_end_at_a_character(void **state)
{
	char text[HTML_TEXT_MAX + 8];
	char *shown;

	(void)state;
	memset(text, 'x', sizeof(text));
	/* An e with an accent, of which the limit would keep one byte. */
	memcpy(text + HTML_TEXT_MAX - 1, "\303\251", 2);
	text[sizeof(text) - 1] = '\0';
	shown = replayed_text(write_text, text);
	assert_int_equal(strlen(shown), HTML_TEXT_MAX - 1 + strlen("\342\200\246"));
	assert_string_equal(shown + HTML_TEXT_MAX - 1, "\342\200\246");
	free(shown);
}

static void write_lines(FILE *out, void *context)
{
	html_text_lines(out, context);
}

static void write_element(FILE *out, void *context)
{
	html_text_element(out, "b", "how", context);
}

static void lines_and_elements_are_escaped(void **state)
{
	char lines[] = "a<\n\nb";
	char text[] = "</b>";
	char *shown = replayed_text(write_lines, lines);

	(void)state;
	assert_string_equal(shown, "a&lt;\n\nb\n");
	free(shown);
	shown = replayed_text(write_element, text);
	assert_string_equal(shown, "<b class=\"how\">&lt;/b&gt;</b>");
	free(shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_is_text),
		cmocka_unit_test(long_texts_end_at_a_character),
		cmocka_unit_test(lines_and_elements_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
