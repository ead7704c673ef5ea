/* tests/text/test_text_stream.c - text/text_stream.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "text/text_stream.h"

static void the_text_is_that_which_was_written(void **state)
{
	struct text_stream stream;
	char *text;

	(void)state;
	assert_non_null(text_stream_open(&stream));
	for (int i = 0; i < 10000; i++)
		fprintf(stream.out, "%d,", i % 10);
	text = text_stream_close(&stream);
	assert_int_equal(strlen(text), 20000);
	free(text);
	assert_non_null(text_stream_open(&stream));
	text = text_stream_close(&stream);
	assert_string_equal(text, "");
	free(text);
}

static void a_stream_that_is_not_open_has_no_text(void **state)
{
	struct text_stream stream = {.out = NULL};

	(void)state;
	assert_null(text_stream_close(&stream));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_is_that_which_was_written),
		cmocka_unit_test(a_stream_that_is_not_open_has_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
