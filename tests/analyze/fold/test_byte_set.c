/* tests/analyze/fold/test_byte_set.c - analyze/fold/byte_set.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "analyze/fold/byte_set.h"

#define MANY 5000u

static uint32_t add(struct byte_set *set, const char *text, size_t size)
{
	uint32_t number;

	assert_true(byte_set_add(set, text, size, &number));
	return number;
}

static void equal_bytes_have_one_number(void **state)
{
	struct byte_set set = {0};
	size_t size;

	(void)state;
	assert_int_equal(add(&set, NULL, 0), 0);
	assert_int_equal(add(&set, "a", 1), 1);
	assert_int_equal(add(&set, "a\0", 2), 2);
	assert_int_equal(add(&set, "12345678", 8), 3);
	assert_int_equal(add(&set, "a", 1), 1);
	assert_int_equal(add(&set, "", 0), 0);
	assert_int_equal(add(&set, "12345678", 8), 3);
	assert_int_equal(set.count, 4);
	assert_null(byte_set_get(&set, 0, &size));
	assert_int_equal(size, 0);
	assert_memory_equal(byte_set_get(&set, 2, &size), "a\0", 2);
	assert_int_equal(size, 2);
	assert_int_equal((uintptr_t)byte_set_get(&set, 3, &size) % 8, 0);
	byte_set_release(&set);
}

static void numbers_stay_while_it_grows(void **state)
{
	struct byte_set set = {0};
	char text[32];

	(void)state;
	for (unsigned int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < MANY; i++) {
			int size = snprintf(text, sizeof(text), "%u of many", i);

			assert_int_equal(add(&set, text, (size_t)size), i);
		}
	assert_int_equal(set.count, MANY);
	byte_set_release(&set);
	assert_int_equal(add(&set, "new", 3), 0);
	byte_set_release(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_bytes_have_one_number),
		cmocka_unit_test(numbers_stay_while_it_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
