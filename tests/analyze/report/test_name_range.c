/* tests/analyze/report/test_name_range.c - analyze/report/name_range.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "analyze/report/name_range.h"
#include "tests/analyze/replayed.h"

static struct trace_text text_of(const char *text)
{
	return (struct trace_text){text, strlen(text)};
}

static void write_range(FILE *out, void *context)
{
	name_range_write(context, out);
}

static void assert_range(const char *const *names, bool is_several, const char *expected)
{
	struct name_range range = {.first = NULL};
	char *text;

	assert_true(name_range_start(&range, text_of(names[0])));
	for (size_t i = 1; names[i]; i++)
		name_range_add(&range, text_of(names[i]));
	assert_int_equal(name_range_is_several(&range), is_several);
	text = replayed_text(write_range, &range);
	assert_string_equal(text, expected);
	free(text);
	name_range_release(&range);
}

static void a_single_name_stays_as_it_is(void **state)
{
	(void)state;
	assert_range((const char *const[]){"bash", NULL}, false, "bash");
	assert_range((const char *const[]){"w007", "w007", NULL}, false, "w007");
	assert_range((const char *const[]){"", NULL}, false, "");
	assert_range((const char *const[]){"a\033b1", NULL}, false, "a\\x1bb1");
}

static void one_number_becomes_a_range(void **state)
{
	(void)state;
	assert_range((const char *const[]){"w3", "w0", "w4998", "w17", NULL}, true, "w0..w4998");
	assert_range((const char *const[]){"kworker/3:1H", "kworker/0:1H", NULL}, true,
		     "kworker/0:1H..kworker/3:1H");
	assert_range((const char *const[]){"w007", "w12", NULL}, true, "w007..w12");
}

static void several_numbers_become_letters(void **state)
{
	(void)state;
	assert_range((const char *const[]){"a1-2", "a2-3", NULL}, true, "aN-N");
	assert_range((const char *const[]){"a1-2-7", "a2-3-7", NULL}, true, "aN-N-7");
}

static void names_that_differ_in_numbers_are_folded_alike(void **state)
{
	static const char *const names[] = {"w17x", "w4900x", "wx", "w1y", NULL};
	struct buffer keys[4] = {{0}};

	(void)state;
	for (size_t i = 0; names[i]; i++)
		name_range_fold(&keys[i], text_of(names[i]));
	assert_int_equal(keys[0].size, keys[1].size);
	assert_memory_equal(keys[0].data, keys[1].data, keys[0].size);
	assert_int_not_equal(keys[0].size, keys[2].size);
	assert_memory_not_equal(keys[0].data, keys[3].data, keys[0].size);
	for (size_t i = 0; i < 4; i++)
		buffer_release(&keys[i]);
}

/* Of a damaged file. */
static void numbers_that_are_too_large_or_too_many_do_no_harm(void **state)
{
	(void)state;
	assert_range((const char *const[]){"99999999999999999999999", "5", NULL}, true,
		     "5..00018446744073709551615");
	assert_range((const char *const[]){"1a2a3a4a5a6a7a8a9a10", "1a2a3a4a5a6a7a8a9a11", NULL},
		     false, "1a2a3a4a5a6a7a8a9a10");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_single_name_stays_as_it_is),
		cmocka_unit_test(one_number_becomes_a_range),
		cmocka_unit_test(several_numbers_become_letters),
		cmocka_unit_test(names_that_differ_in_numbers_are_folded_alike),
		cmocka_unit_test(numbers_that_are_too_large_or_too_many_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
