/* tests/analyze/cause/test_short_text.c - analyze/cause/short_text.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "analyze/cause/short_text.h"
#include "tests/analyze/replayed.h"

static void write_text(FILE *out, void *context)
{
	short_text_write(out, *(const char **)context);
}

static void assert_short(const char *text, const char *expected)
{
	char *written = replayed_text(write_text, &text);

	assert_string_equal(written, expected);
	free(written);
}

static void the_class_is_not_repeated(void **state)
{
	(void)state;
	assert_short("killed by SIGSEGV (11), segmentation fault reading 0x10 in f of p",
		     "SIGSEGV reading 0x10 in f of p");
	assert_short("killed by SIGTERM (15), sent by bash[1] uid 0 with kill()",
		     "SIGTERM sent by bash[1] uid 0 with kill()");
	assert_short("killed by SIGKILL (9), by the out-of-memory killer",
		     "SIGKILL by the out-of-memory killer");
	assert_short("killed by SIGABRT (6), abort() called by p: f, core dumped",
		     "SIGABRT, abort() called by p: f, core dumped");
	assert_short("killed by SIGTERM (15)", "SIGTERM");
}

static void other_texts_stay(void **state)
{
	(void)state;
	assert_short("exit code 137 (128 + SIGKILL): its child a[1] was killed by SIGKILL",
		     "exit code 137 (128 + SIGKILL): its child a[1] was killed by SIGKILL");
	assert_short("killed by nothing", "killed by nothing");
	assert_short("", "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_class_is_not_repeated),
		cmocka_unit_test(other_texts_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
