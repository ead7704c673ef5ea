/* flame/style/amount.h - weights as text: exact, scaled to a unit, and as a share */
#ifndef FLAME_STYLE_AMOUNT_H
#define FLAME_STYLE_AMOUNT_H
#include <stdbool.h>
#include <stdint.h>

/* The value that is shown is weight * factor / 10^decimals. */
struct amount_scale {
	uint64_t factor;
	unsigned decimals; /* at most 18 */
	const char *unit;  /* such as "samples"; "ns" and "bytes" are also shown scaled */
};

#define AMOUNT_TEXT_MAX 64u

struct amount_text {
	char text[AMOUNT_TEXT_MAX];
};

/* All digits, without zeros at the end of the decimals: "9,007,199,254,740,993", "2.5". */
struct amount_text amount_exact(uint64_t weight, const struct amount_scale *scale);

/* "12.3 ms" or "4.1 MiB" if the unit can be scaled; otherwise as amount_exact(). */
struct amount_text amount_short(uint64_t weight, const struct amount_scale *scale);

/* As amount_short(), but with three digits, rounded: "1.06 s", "4.20 MiB", and for counts from a
 * million on "6.85 M". A time from a minute on is as in amount_short(). */
struct amount_text amount_rounded(uint64_t weight, const struct amount_scale *scale);

/* Whether the text of amount_short() includes its unit. */
bool amount_is_scaled(const struct amount_scale *scale);

/* Hundredths of a percent, rounded half up from the exact quotient; 0 if the whole is 0. */
uint64_t amount_share(uint64_t part, uint64_t whole);

/* The same as text, such as "12.34". */
struct amount_text amount_percent(uint64_t part, uint64_t whole);
#endif
