/* flame/style/amount.h - weights as a person reads them: exact, with a unit, and as a share */
#ifndef FLAME_STYLE_AMOUNT_H
#define FLAME_STYLE_AMOUNT_H
#include <stdbool.h>
#include <stdint.h>

/* How a weight becomes words: it is multiplied by factor and divided by 10 to the decimals. */
struct amount_scale {
	uint64_t factor;
	unsigned decimals; /* at most 18 */
	const char *unit;  /* "samples"; "ns" and "bytes" are also shown scaled */
};

#define AMOUNT_TEXT_MAX 64u

struct amount_text {
	char text[AMOUNT_TEXT_MAX];
};

/* Every digit that matters: "9,007,199,254,740,993", "2.5" */
struct amount_text amount_exact(uint64_t weight, const struct amount_scale *scale);

/* For reading at a glance: "12.3 ms" and "4.1 MiB" where the unit can be scaled, else exact. */
struct amount_text amount_short(uint64_t weight, const struct amount_scale *scale);

/* True if amount_short() ends in a unit of its own. */
bool amount_is_scaled(const struct amount_scale *scale);

/* Hundredths of a percent, rounded half up from the exact quotient; 0 if the whole is 0. */
uint64_t amount_share(uint64_t part, uint64_t whole);

/* "12.34" */
struct amount_text amount_percent(uint64_t part, uint64_t whole);
#endif
