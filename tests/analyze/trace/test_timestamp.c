/* tests/analyze/trace/test_timestamp.c - times as they are typed and printed */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "analyze/trace/timestamp.h"

/* 1 June 2025, 12:00:00 UTC */
#define NOON   UINT64_C(1748779200000000000)
#define SECOND UINT64_C(1000000000)

static const struct time_range span = {.first_ns = NOON, .last_ns = NOON + 3600 * SECOND};

static uint64_t resolve(const char *text)
{
	struct timestamp timestamp;

	assert_true(timestamp_parse(text, true, &timestamp));
	return timestamp_resolve(&timestamp, &span);
}

static void dates_are_parsed(void **state)
{
	(void)state;
	assert_int_equal(resolve("2025-06-01 12:00:00"), NOON);
	assert_int_equal(resolve("2025-06-01T12:00:05.25"), NOON + 5250000000);
	assert_int_equal(resolve("2025-06-01 12:01"), NOON + 60 * SECOND);
	assert_int_equal(resolve("2025-06-01"), NOON - 43200 * SECOND);
	assert_int_equal(resolve("@1748779201.000000001"), NOON + SECOND + 1);
}

static void offsets_from_utc_are_parsed(void **state)
{
	struct timestamp timestamp;

	(void)state;
	assert_int_equal(resolve("2025-06-01T13:00:00.5+01:00"), NOON + 500000000);
	assert_int_equal(resolve("2025-06-01 06:30-0530"), NOON);
	assert_int_equal(resolve("2025-06-01T15:00+03"), NOON);
	assert_int_equal(resolve("2025-06-01T12:00:00.000000001Z"), NOON + 1);
	assert_true(timestamp_parse("2025-06-01T13:00+01:00", false, &timestamp));
	assert_int_equal(timestamp_resolve(&timestamp, &span), NOON);
}

static void relative_times_count_from_start_and_end(void **state)
{
	(void)state;
	assert_int_equal(resolve("+5s"), NOON + 5 * SECOND);
	assert_int_equal(resolve("+1m30s"), NOON + 90 * SECOND);
	assert_int_equal(resolve("+250ms"), NOON + 250000000);
	assert_int_equal(resolve("-10s"), NOON + 3590 * SECOND);
	assert_int_equal(resolve("-99999d"), 0);
}

static void a_clock_time_is_the_first_one_of_the_trace(void **state)
{
	(void)state;
	assert_int_equal(resolve("12:30"), NOON + 1800 * SECOND);
	assert_int_equal(resolve("12:00:00"), NOON);
	assert_int_equal(resolve("11:59:59.5"), NOON + 86400 * SECOND - 500000000);
}

static void local_time_follows_the_time_zone_and_z_does_not(void **state)
{
	struct timestamp timestamp;

	(void)state;
	setenv("TZ", "XST-3", 1);
	tzset();
	assert_true(timestamp_parse("2025-06-01 15:00", false, &timestamp));
	assert_int_equal(timestamp_resolve(&timestamp, &span), NOON);
	assert_true(timestamp_parse("2025-06-01T12:00Z", false, &timestamp));
	assert_int_equal(timestamp_resolve(&timestamp, &span), NOON);
	assert_true(timestamp_parse("15:30", false, &timestamp));
	assert_int_equal(timestamp_resolve(&timestamp, &span), NOON + 1800 * SECOND);
	assert_string_equal(timestamp_date(NOON, false).text, "2025-06-01 15:00:00");
}

static void other_text_is_rejected(void **state)
{
	static const char *const cases[] = {
		"",
		"noon",
		"25:00",
		"12:00:00x",
		"12:00.",
		"+",
		"+5x",
		"+5s ",
		"+-5s",
		"@",
		"@x",
		"@1.",
		"@99999999999",
		"2025-13-01",
		"2025-06-01 12:00:00.1234567890",
		"1969-01-01",
		"2025-06-01T12:00+24:00",
		"2025-06-01T12:00+01:60",
		"2025-06-01T12:00+1",
		"2025-06-01T12:00+01:00x",
		"2025-06-01T12:00Zx",
		"12:00+01:00",
		"10 min ago",
		"yesterday",
		"-",
	};
	struct timestamp timestamp = {.base = TIMESTAMP_END, .ns = 7};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(timestamp_parse(cases[i], true, &timestamp));
		assert_int_equal(timestamp.ns, 7);
	}
}

static void no_limit_resolves_to_zero(void **state)
{
	const struct timestamp none = {.base = TIMESTAMP_NONE, .ns = 5};
	const struct timestamp far = {.base = TIMESTAMP_START, .ns = UINT64_MAX};

	(void)state;
	assert_int_equal(timestamp_resolve(&none, &span), 0);
	assert_int_equal(timestamp_resolve(&far, &span), UINT64_MAX);
}

static void times_have_their_printed_forms(void **state)
{
	(void)state;
	assert_string_equal(timestamp_date(NOON, true).text, "2025-06-01 12:00:00");
	assert_string_equal(timestamp_time(NOON + 1234567, true).text, "12:00:00.001234");
	assert_string_equal(timestamp_exact(NOON + 1).text, "2025-06-01T12:00:00.000000001Z");
	assert_string_equal(timestamp_exact(UINT64_MAX).text, "2554-07-21T23:34:33.709551615Z");
}

static void lifetimes_grow_from_milliseconds_to_days(void **state)
{
	(void)state;
	assert_string_equal(timestamp_lifetime(0).text, "0.000s");
	assert_string_equal(timestamp_lifetime(4512345).text, "0.004s");
	assert_string_equal(timestamp_lifetime(59 * SECOND + 4000000).text, "59.004s");
	assert_string_equal(timestamp_lifetime(60 * SECOND).text, "00:01:00");
	assert_string_equal(timestamp_lifetime(533529 * SECOND).text, "6d 04:12:09");
	assert_string_equal(timestamp_lifetime(UINT64_MAX).text, "213503d 23:34:33");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_parsed),
		cmocka_unit_test(offsets_from_utc_are_parsed),
		cmocka_unit_test(relative_times_count_from_start_and_end),
		cmocka_unit_test(a_clock_time_is_the_first_one_of_the_trace),
		cmocka_unit_test(other_text_is_rejected),
		cmocka_unit_test(no_limit_resolves_to_zero),
		cmocka_unit_test(times_have_their_printed_forms),
		cmocka_unit_test(lifetimes_grow_from_milliseconds_to_days),
		cmocka_unit_test(local_time_follows_the_time_zone_and_z_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
