/* tests/format/test_siphash.c - format/siphash.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/siphash.h"

/* Key 00 01 .. 0f and message 00 01 .. n-1, from the paper that defines SipHash. */
static const struct dz_siphash_key key = {{0x0706050403020100u, 0x0f0e0d0c0b0a0908u}};

static void the_vectors_of_the_reference_come_out(void **state)
{
	uint8_t message[64];

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)i;
	assert_true(dz_siphash(&key, message, 0) == 0x726fdb47dd0e0e31u);
	assert_true(dz_siphash(&key, message, 1) == 0x74f839c593dc67fdu);
	assert_true(dz_siphash(&key, message, 7) == 0xab0200f58b01d137u);
	assert_true(dz_siphash(&key, message, 8) == 0x93f5f5799a932462u);
	assert_true(dz_siphash(&key, message, 15) == 0xa129ca6149be45e5u);
	assert_true(dz_siphash(&key, message, 63) == 0x958a324ceb064572u);
}

static void another_key_gives_another_hash(void **state)
{
	const struct dz_siphash_key other = {{0x0706050403020100u, 0x0f0e0d0c0b0a0909u}};

	(void)state;
	assert_true(dz_siphash(&key, "comm", 4) != dz_siphash(&other, "comm", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_reference_come_out),
		cmocka_unit_test(another_key_gives_another_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
