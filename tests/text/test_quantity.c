/* tests/text/test_quantity.c - text/quantity.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/quantity.h"

struct example {
	const char *text;
	uint64_t value;
};

static void sizes_are_powers_of_1024(void **state)
{
	static const struct example examples[] = {
		{"0", 0},
		{"4096", 4096},
		{"64K", 65536},
		{"64k", 65536},
		{"1.5K", 1536},
		{"2MiB", 2097152},
		{"1GB", 1u << 30},
		{"10B", 10},
		{"16383P", UINT64_C(16383) << 50},
		{"0.5M", 1u << 19},
		{"18446744073709551615", UINT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		uint64_t bytes = 1;

		assert_true(quantity_parse_bytes(examples[i].text, &bytes));
		assert_int_equal(bytes, examples[i].value);
	}
}

static void durations_without_a_unit_are_seconds(void **state)
{
	static const struct example examples[] = {
		{"90", UINT64_C(90000000000)},
		{"90s", UINT64_C(90000000000)},
		{"5m", UINT64_C(300000000000)},
		{"5min", UINT64_C(300000000000)},
		{"1.5h", UINT64_C(5400000000000)},
		{"2d", UINT64_C(172800000000000)},
		{"250ms", UINT64_C(250000000)},
		{"0.25", UINT64_C(250000000)},
		{"10us", 10000},
		{"7ns", 7},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		uint64_t ns = 1;

		assert_true(quantity_parse_duration(examples[i].text, &ns));
		assert_int_equal(ns, examples[i].value);
	}
}

static void invalid_quantities_leave_the_output_unchanged(void **state)
{
	static const char *const bad[] = {
		"",
		" 1",
		"1 ",
		"-1",
		"+1",
		"1KK",
		"K",
		"1x",
		"1.",
		".5s",
		"0x10",
		"1e3",
		"1.5B",
		"1.5ns",
		"18446744073709551616",
		"16384P",
		"99999999999999999999K",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t value = 42;

		assert_false(quantity_parse_bytes(bad[i], &value));
		assert_false(quantity_parse_duration(bad[i], &value));
		assert_int_equal(value, 42);
	}
}

static void a_count_is_plain_and_bounded(void **state)
{
	uint64_t count = 42;

	(void)state;
	assert_true(quantity_parse_count("65535", 65535, &count));
	assert_int_equal(count, 65535);
	assert_false(quantity_parse_count("65536", 65535, &count));
	assert_false(quantity_parse_count("12x", 65535, &count));
	assert_false(quantity_parse_count("", 65535, &count));
	assert_int_equal(count, 65535);
}

static void quantities_are_printed_with_the_unit_that_fits(void **state)
{
	(void)state;
	assert_string_equal(quantity_of_bytes(0).text, "0 B");
	assert_string_equal(quantity_of_bytes(1023).text, "1023 B");
	assert_string_equal(quantity_of_bytes(65536).text, "64.0 KiB");
	assert_string_equal(quantity_of_bytes(UINT64_MAX).text, "15.9 EiB");
	assert_string_equal(quantity_of_duration(0).text, "0 ns");
	assert_string_equal(quantity_of_duration(12345678).text, "12.3 ms");
	assert_string_equal(quantity_of_duration(UINT64_C(59999999999)).text, "59.9 s");
	assert_string_equal(quantity_of_duration(UINT64_C(90000000000)).text, "1m 30s");
	assert_string_equal(quantity_of_duration(UINT64_C(7500000000000)).text, "2h 05m");
	assert_string_equal(quantity_of_duration(UINT64_C(532800000000000)).text, "6d 04h");
	assert_string_equal(quantity_of_count(999).text, "999");
	assert_string_equal(quantity_of_count(999999).text, "999.9 k");
	assert_string_equal(quantity_of_count(4100000).text, "4.1 M");
}

static void exact_counts_keep_every_digit(void **state)
{
	(void)state;
	assert_string_equal(quantity_exact(0).text, "0");
	assert_string_equal(quantity_exact(999).text, "999");
	assert_string_equal(quantity_exact(1000).text, "1,000");
	assert_string_equal(quantity_exact(UINT64_C(9007199254740993)).text,
			    "9,007,199,254,740,993");
	assert_string_equal(quantity_exact(UINT64_MAX).text, "18,446,744,073,709,551,615");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_powers_of_1024),
		cmocka_unit_test(durations_without_a_unit_are_seconds),
		cmocka_unit_test(invalid_quantities_leave_the_output_unchanged),
		cmocka_unit_test(a_count_is_plain_and_bounded),
		cmocka_unit_test(quantities_are_printed_with_the_unit_that_fits),
		cmocka_unit_test(exact_counts_keep_every_digit),
	};

	return cmocka_run_group_tests_name("text/quantity", tests, NULL, NULL);
}
