/* tests/record/options/test_name_pattern.c - record/options/name_pattern.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "record/options/name_pattern.h"

static bool matches(const char *pattern, const char *name)
{
	struct filter_names names = {0};
	bool is_cut;

	assert_null(name_pattern_add(&names, pattern, &is_cut));
	return name_pattern_matches(&names, 0, name);
}

static void a_longer_name_is_cut_as_the_kernel_cuts_it(void **state)
{
	struct filter_names names = {0};
	bool is_cut;

	(void)state;
	assert_null(name_pattern_add(&names, "gnome-terminal-server", &is_cut));
	assert_true(is_cut);
	assert_string_equal(names.names[0], "gnome-terminal-");
	assert_null(name_pattern_add(&names, "gnome-terminal-", &is_cut));
	assert_false(is_cut);
	assert_int_equal(names.patterns, 0);
	assert_non_null(name_pattern_add(&names, "", &is_cut));
	assert_non_null(name_pattern_add(&names, "gnome-terminal-*", &is_cut));
	assert_null(name_pattern_add(&names, "***************x*", &is_cut));
	assert_string_equal(names.names[2], "*x*");
	assert_int_equal(names.count, 3);
	for (; names.count < FILTER_NAMES_MAX;)
		assert_null(name_pattern_add(&names, "x", &is_cut));
	assert_non_null(name_pattern_add(&names, "x", &is_cut));
}

static void a_question_mark_is_one_byte(void **state)
{
	(void)state;
	assert_true(matches("w?rker", "worker"));
	assert_false(matches("worker?", "worker"));
	assert_true(matches("worker?", "worker7"));
	assert_true(matches("???????????????", "fifteen bytes!!"));
}

/* Each pattern of up to 5 of these letters, beside fnmatch(). */
static void the_matches_are_those_of_fnmatch(void **state)
{
	static const char letters[] = "ab*?";
	static const char *const names[] = {"a", "b", "ab", "ba", "aab", "abab", "bbbbbbbbbbbbbba"};
	char pattern[6] = "";

	(void)state;
	for (unsigned int number = 0; number < 1024 * 6; number++) {
		size_t length = number % 5 + 1;

		for (size_t i = 0; i < length; i++)
			pattern[i] = letters[number / 6 >> 2 * i & 3];
		pattern[length] = '\0';
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			assert_int_equal(matches(pattern, names[i]),
					 fnmatch(pattern, names[i], 0) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_longer_name_is_cut_as_the_kernel_cuts_it),
		cmocka_unit_test(a_question_mark_is_one_byte),
		cmocka_unit_test(the_matches_are_those_of_fnmatch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
