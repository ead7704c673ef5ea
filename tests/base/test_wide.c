/* tests/base/test_wide.c - base/wide.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/wide.h"

static const uint64_t numbers[] = {
	0,
	1,
	2,
	3,
	10,
	0xffff,
	UINT32_MAX,
	UINT64_C(1) << 32,
	(UINT64_C(1) << 32) + 1,
	UINT64_C(0x123456789abcdef0),
	INT64_MAX,
	UINT64_C(1) << 63,
	(UINT64_C(1) << 63) + 1,
	UINT64_MAX - 1,
	UINT64_MAX,
};

#define COUNT (sizeof(numbers) / sizeof(numbers[0]))

static void assert_equal(struct wide a, struct wide b)
{
	assert_true(a.high == b.high && a.low == b.low);
}

/* value = quotient * divisor + rest, which needs no division to check. */
static void check_division(struct wide value, uint64_t divisor)
{
	struct wide quotient = value;
	struct wide bits = value;
	uint64_t rest = wide_divide(&quotient, divisor);
	struct wide back = wide_multiply_halves(quotient.low, divisor);

	assert_true(rest < divisor);
	assert_true(wide_divide_bits(&bits, divisor) == rest);
	assert_equal(bits, quotient);
	back.high += quotient.high * divisor;
	back.low += rest;
	back.high += back.low < rest;
	assert_equal(back, value);
}

static void both_forms_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		for (size_t j = 0; j < COUNT; j++) {
			struct wide product = wide_multiply(numbers[i], numbers[j]);

			assert_equal(wide_multiply_halves(numbers[i], numbers[j]), product);
			for (size_t k = 1; k < COUNT; k++)
				check_division(product, numbers[k]);
		}
	}
}

static void known_products_are_right(void **state)
{
	(void)state;
	assert_equal(wide_multiply(UINT64_MAX, UINT64_MAX), (struct wide){UINT64_MAX - 1, 1});
	assert_equal(wide_multiply(UINT64_C(1) << 63, 2), (struct wide){1, 0});
	assert_true(wide_less((struct wide){0, UINT64_MAX}, (struct wide){1, 0}));
	assert_true(wide_less((struct wide){1, 0}, (struct wide){1, 1}));
	assert_false(wide_less((struct wide){1, 1}, (struct wide){1, 1}));
}

static void quotients_are_rounded(void **state)
{
	(void)state;
	assert_true(wide_scale(UINT64_MAX, 10000, UINT64_MAX) == 10000);
	assert_true(wide_scale(7, 1, 2) == 3);
	assert_true(wide_scale_rounded(7, 1, 2) == 4);
	assert_true(wide_scale_rounded(4, 1, 3) == 1);
	assert_true(wide_scale_rounded(5, 1, 3) == 2);
	assert_true(wide_scale_rounded(0, 5, 3) == 0);
	assert_true(wide_scale_rounded(UINT64_MAX - 1, UINT64_MAX, UINT64_MAX) == UINT64_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_agree),
		cmocka_unit_test(known_products_are_right),
		cmocka_unit_test(quotients_are_rounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
