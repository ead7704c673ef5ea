/* tests/format/test_crc32c.c - format/crc32c.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/crc32c.h"
#include "tests/format/sample_trace.h"

static void the_check_value_is_right(void **state)
{
	(void)state;
	assert_int_equal(dz_crc32c("123456789", 9), 0xe3069283u);
	assert_int_equal(dz_crc32c_portable("123456789", 9), 0xe3069283u);
	assert_int_equal(dz_crc32c("", 0), 0);
}

static void zeros_and_ones_are_as_in_rfc_3720(void **state)
{
	uint8_t bytes[32] = {0};

	(void)state;
	assert_int_equal(dz_crc32c(bytes, sizeof(bytes)), 0x8a9136aau);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = 0xff;
	assert_int_equal(dz_crc32c(bytes, sizeof(bytes)), 0x62a8ab43u);
}

static void instruction_and_table_agree_at_every_length_and_alignment(void **state)
{
	uint8_t bytes[96];
	uint64_t random = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)sample_random(&random);
	for (size_t start = 0; start < 8; start++) {
		for (size_t size = 0; size + start <= sizeof(bytes); size++)
			assert_int_equal(dz_crc32c(bytes + start, size),
					 dz_crc32c_portable(bytes + start, size));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_check_value_is_right),
		cmocka_unit_test(zeros_and_ones_are_as_in_rfc_3720),
		cmocka_unit_test(instruction_and_table_agree_at_every_length_and_alignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
