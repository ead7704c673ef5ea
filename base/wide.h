/* base/wide.h - products of 64-bit numbers, on machines with and without a 128-bit type */
#ifndef BASE_WIDE_H
#define BASE_WIDE_H

#include <stdbool.h>
#include <stdint.h>

/* An unsigned 128-bit number. */
struct wide {
	uint64_t high;
	uint64_t low;
};

/* As wide_multiply(), without a 128-bit type. */
static inline struct wide wide_multiply_halves(uint64_t a, uint64_t b)
{
	uint64_t a_low = a & UINT32_MAX;
	uint64_t a_high = a >> 32;
	uint64_t b_low = b & UINT32_MAX;
	uint64_t b_high = b >> 32;
	uint64_t low = a_low * b_low;
	/* At most (2^32 - 1)^2 + 2^32 - 1, and twice that below: neither overflows. */
	uint64_t middle = a_high * b_low + (low >> 32);
	uint64_t other = a_low * b_high + (middle & UINT32_MAX);

	return (struct wide){
		.high = a_high * b_high + (middle >> 32) + (other >> 32),
		.low = other << 32 | (low & UINT32_MAX),
	};
}

/* As wide_divide(), without a 128-bit type. */
static inline uint64_t wide_divide_bits(struct wide *value, uint64_t divisor)
{
	uint64_t rest = value->high % divisor;
	uint64_t quotient = 0;

	for (int bit = 63; bit >= 0; bit--) {
		bool carry = rest >> 63;

		rest = rest << 1 | (value->low >> bit & 1);
		if (carry || rest >= divisor) {
			rest -= divisor;
			quotient |= UINT64_C(1) << bit;
		}
	}
	value->high /= divisor;
	value->low = quotient;
	return rest;
}

/* Returns a * b. */
static inline struct wide wide_multiply(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	unsigned __int128 product = (unsigned __int128)a * b;

	return (struct wide){.high = (uint64_t)(product >> 64), .low = (uint64_t)product};
#else
	return wide_multiply_halves(a, b);
#endif
}

/* Divides *value by a divisor that is not 0, and returns the remainder. */
static inline uint64_t wide_divide(struct wide *value, uint64_t divisor)
{
#ifdef __SIZEOF_INT128__
	unsigned __int128 dividend = (unsigned __int128)value->high << 64 | value->low;
	unsigned __int128 quotient = dividend / divisor;

	*value = (struct wide){.high = (uint64_t)(quotient >> 64), .low = (uint64_t)quotient};
	return (uint64_t)(dividend % divisor);
#else
	if (value->high == 0) {
		uint64_t rest = value->low % divisor;

		value->low /= divisor;
		return rest;
	}
	return wide_divide_bits(value, divisor);
#endif
}

/* Returns whether a is less than b. */
static inline bool wide_less(struct wide a, struct wide b)
{
	return a.high != b.high ? a.high < b.high : a.low < b.low;
}

/* Returns the low 64 bits of a * b / divisor, rounded down. The divisor must not be 0. */
static inline uint64_t wide_scale(uint64_t a, uint64_t b, uint64_t divisor)
{
	struct wide value = wide_multiply(a, b);

	wide_divide(&value, divisor);
	return value.low;
}

/* Returns the low 64 bits of a * b / divisor, rounded to the nearest number, halves up. The divisor
 * must not be 0. */
static inline uint64_t wide_scale_rounded(uint64_t a, uint64_t b, uint64_t divisor)
{
	struct wide value = wide_multiply(a, b);
	uint64_t rest = wide_divide(&value, divisor);

	return value.low + (rest >= divisor - rest ? 1 : 0);
}

#endif
