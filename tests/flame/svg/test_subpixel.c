/* tests/flame/svg/test_subpixel.c - flame/svg/subpixel.c: as many pixels as there is width */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flame/svg/subpixel.h"

static unsigned drawn_pixels(const struct haze *haze, unsigned row)
{
	struct haze_run run;
	unsigned at = 0;
	unsigned end = 0;
	unsigned pixels = 0;
	double carry = 0;

	while (haze_next(haze, row, &at, &carry, &run)) {
		assert_true(run.first >= end);
		assert_true(run.count > 0);
		end = run.first + run.count;
		assert_true(end <= haze->width_px);
		pixels += run.count;
	}
	return pixels;
}

static void slivers_add_up_to_pixels(void **state)
{
	struct haze haze;

	(void)state;
	assert_true(haze_open(&haze, 3, 100));
	for (int i = 0; i < 400; i++)
		assert_true(haze_add(&haze, 1, i * 0.25, i * 0.25 + 0.125));
	assert_int_equal(drawn_pixels(&haze, 1), 50);
	assert_int_equal(drawn_pixels(&haze, 0), 0);
	haze_close(&haze);
}

static void a_box_across_pixels_fills_its_share_of_each(void **state)
{
	struct haze haze;

	(void)state;
	assert_true(haze_open(&haze, 1, 10));
	assert_true(haze_add(&haze, 0, 2.5, 6.5));
	assert_int_equal(drawn_pixels(&haze, 0), 4);
	assert_true(haze_add(&haze, 0, 9.5, 12));
	assert_true(haze_add(&haze, 0, 9.0, 9.5));
	assert_int_equal(drawn_pixels(&haze, 0), 5);
	haze_close(&haze);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slivers_add_up_to_pixels),
		cmocka_unit_test(a_box_across_pixels_fills_its_share_of_each),
	};

	return cmocka_run_group_tests_name("flame/haze", tests, NULL, NULL);
}
