/* tests/flame/svg/test_subpixel.c - flame/svg/subpixel.c: as many pixels as the boxes are wide */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flame/svg/subpixel.h"

static unsigned drawn_pixels(const struct subpixel *subpixel, unsigned row)
{
	struct subpixel_run run;
	unsigned at = 0;
	unsigned end = 0;
	unsigned pixels = 0;
	double carry = 0;

	while (subpixel_next(subpixel, row, &at, &carry, &run)) {
		assert_true(run.first >= end);
		assert_true(run.count > 0);
		end = run.first + run.count;
		assert_true(end <= subpixel->width_px);
		pixels += run.count;
	}
	return pixels;
}

static void narrow_boxes_add_up_to_pixels(void **state)
{
	struct subpixel subpixel;

	(void)state;
	assert_true(subpixel_open(&subpixel, 3, 100));
	for (int i = 0; i < 400; i++)
		assert_true(subpixel_add(&subpixel, 1, i * 0.25, i * 0.25 + 0.125));
	assert_int_equal(drawn_pixels(&subpixel, 1), 50);
	assert_int_equal(drawn_pixels(&subpixel, 0), 0);
	subpixel_close(&subpixel);
}

static void a_box_across_pixels_fills_its_share_of_each(void **state)
{
	struct subpixel subpixel;

	(void)state;
	assert_true(subpixel_open(&subpixel, 1, 10));
	assert_true(subpixel_add(&subpixel, 0, 2.5, 6.5));
	assert_int_equal(drawn_pixels(&subpixel, 0), 4);
	assert_true(subpixel_add(&subpixel, 0, 9.5, 12));
	assert_true(subpixel_add(&subpixel, 0, 9.0, 9.5));
	assert_int_equal(drawn_pixels(&subpixel, 0), 5);
	subpixel_close(&subpixel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(narrow_boxes_add_up_to_pixels),
		cmocka_unit_test(a_box_across_pixels_fills_its_share_of_each),
	};

	return cmocka_run_group_tests_name("flame/haze", tests, NULL, NULL);
}
