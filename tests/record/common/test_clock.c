/* tests/record/common/test_clock.c - record/common/clock.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "record/common/clock.h"

static void clocks_that_run_together_have_not_moved(void **state)
{
	const struct clock_reading before = {1000, 2000, 3000};
	const struct clock_reading after = {501000, 502000, 503090};

	(void)state;
	assert_false(clock_has_moved(&before, &after));
}

static void a_clock_that_was_set_has_moved(void **state)
{
	const struct clock_reading before = {0, 0, 1000000};
	const struct clock_reading forward = {500, 500, 1000500 + 100001};
	const struct clock_reading back = {500, 500, 1000500 - 100001};

	(void)state;
	assert_true(clock_has_moved(&before, &forward));
	assert_true(clock_has_moved(&before, &back));
}

static void suspending_the_machine_moves_the_clocks(void **state)
{
	const struct clock_reading before = {0, 0, 0};
	const struct clock_reading after = {3000000000, 1000000000, 3000000000};

	(void)state;
	assert_true(clock_has_moved(&before, &after));
}

static void two_readings_of_a_machine_at_rest_agree(void **state)
{
	const struct clock_reading before = clock_read();
	const struct clock_reading after = clock_read();

	(void)state;
	assert_true(before.boottime_ns > 0 && before.realtime_ns > before.boottime_ns);
	assert_true(after.boottime_ns >= before.boottime_ns);
	assert_true(clock_boottime_ns() >= after.boottime_ns);
}

/* The test does not set the clock of the machine. live/clocks does, in a guest. */
static void a_clock_that_was_not_set_reports_nothing(void **state)
{
	int fd = clock_watch_open();

	(void)state;
	assert_true(fd >= 0);
	assert_false(clock_watch_take(fd));
	assert_int_equal(close(fd), 0);
	assert_false(clock_watch_take(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_that_run_together_have_not_moved),
		cmocka_unit_test(a_clock_that_was_set_has_moved),
		cmocka_unit_test(suspending_the_machine_moves_the_clocks),
		cmocka_unit_test(two_readings_of_a_machine_at_rest_agree),
		cmocka_unit_test(a_clock_that_was_not_set_reports_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
