/* tests/flame/command/test_option_values.c - flame/command/option_values.c: exact numbers
 *
 * Invalid values are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flame/command/option_values.h"

static void a_number_is_kept_exactly(void **state)
{
	static const struct {
		const char *text;
		const char *suffix;
		uint64_t mantissa;
		unsigned decimals;
	} good[] = {
		{"0", "", 0, 0},   {"12", "", 12, 0},
		{"0.5", "", 5, 1}, {"7.50%", "%", 750, 2},
		{"3.", "", 3, 0},  {"18446744073709551615", "", UINT64_MAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct decimal decimal = {0};

		assert_true(option_decimal(good[i].text, good[i].suffix, &decimal));
		assert_int_equal(decimal.mantissa, good[i].mantissa);
		assert_int_equal(decimal.decimals, good[i].decimals);
	}
}

static void values_that_are_not_numbers_or_do_not_fit_are_refused(void **state)
{
	static const char *const bad[] = {"",
					  ".5",
					  "x",
					  "1x",
					  "1.2.3",
					  "-1",
					  "1e3",
					  "5%",
					  "18446744073709551616",
					  "0.1234567890"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct decimal decimal = {.mantissa = 42};

		assert_false(option_decimal(bad[i], "", &decimal));
		assert_int_equal(decimal.mantissa, 42);
	}
}

static void a_word_has_the_value_of_its_list(void **state)
{
	static const struct option_choice choices[] = {{"red", 3}, {"green", 5}, {NULL, 0}};

	(void)state;
	assert_int_equal(option_choice(choices, "green", "colour", NULL), 5);
	assert_int_equal(option_choice(choices, "red", "colour", NULL), 3);
}

static void flamegraphs_words_for_a_background_are_colours(void **state)
{
	const char *colour = NULL;

	(void)state;
	option_background(&colour, "grey", NULL);
	assert_string_equal(colour, "#f2f2f2");
	option_background(&colour, "#123456", NULL);
	assert_string_equal(colour, "#123456");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_kept_exactly),
		cmocka_unit_test(values_that_are_not_numbers_or_do_not_fit_are_refused),
		cmocka_unit_test(a_word_has_the_value_of_its_list),
		cmocka_unit_test(flamegraphs_words_for_a_background_are_colours),
	};

	return cmocka_run_group_tests_name("flame/option_values", tests, NULL, NULL);
}
