/* tests/format/test_siphash.c - format/siphash.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/siphash.h"

/* Key 00 01 .. 0f and message 00 01 .. n-1. An implementation in Python gave these values, and for
 * SipHash-2-4 those of the paper that defines it. */
static const struct dz_siphash_key key = {{0x0706050403020100u, 0x0f0e0d0c0b0a0908u}};

static void the_vectors_come_out(void **state)
{
	uint8_t message[64];

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)i;
	assert_true(dz_siphash(&key, message, 0) == 0xabac0158050fc4dcu);
	assert_true(dz_siphash(&key, message, 1) == 0xc9f49bf37d57ca93u);
	assert_true(dz_siphash(&key, message, 7) == 0xd3927d989bb11140u);
	assert_true(dz_siphash(&key, message, 8) == 0x369095118d299a8eu);
	assert_true(dz_siphash(&key, message, 15) == 0xd320d86d2a519956u);
	assert_true(dz_siphash(&key, message, 63) == 0x9d199062b7bbb3a8u);
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
		cmocka_unit_test(the_vectors_come_out),
		cmocka_unit_test(another_key_gives_another_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
