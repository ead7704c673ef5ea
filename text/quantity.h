/* text/quantity.h - sizes, durations and counts as text */
#ifndef TEXT_QUANTITY_H
#define TEXT_QUANTITY_H
#include <stdbool.h>
#include <stdint.h>

/* Bytes of the longest text, including the NUL. */
#define QUANTITY_TEXT_MAX 32u

/* A short text, returned by value so that it can be used inside one call of printf(). */
struct quantity_text {
	char text[QUANTITY_TEXT_MAX];
};

/*
 * The parsers take a whole text: a decimal number, then a unit. A fraction is allowed unless
 * the unit is one byte or one ns. They return false, with *ret_ unchanged, for spaces, signs,
 * trailing characters and overflow.
 */

/* 4096, 64K, 1.5G, 2MiB, 10MB: K M G T P are powers of 1024, as are KiB and KB. */
bool quantity_parse_bytes(const char *text, uint64_t *ret_bytes);

/* 90s, 5m, 1h, 2d, 250ms, 10us, 7ns, 1.5h; without a unit: seconds. */
bool quantity_parse_duration(const char *text, uint64_t *ret_ns);

/* A decimal number without a unit, at most `largest`. */
bool quantity_parse_count(const char *text, uint64_t largest, uint64_t *ret_count);

/* "0 B", "1023 B", "64.0 KiB", "1.5 GiB" */
struct quantity_text quantity_of_bytes(uint64_t bytes);

/* "0 ns", "12.3 ms", "59.0 s"; from one minute "1m 30s", "2h 05m", "6d 04h" */
struct quantity_text quantity_of_duration(uint64_t duration_ns);

/* Two digits: "90 ns", "0.9 ms", "1.4 s", "60 s", "8.9 min", "24 h", "6 d 4 h" */
struct quantity_text quantity_of_length(uint64_t duration_ns);

/* "999", "12.3 k", "4.1 M" */
struct quantity_text quantity_of_count(uint64_t count);

/* All digits, with commas between thousands: "9,007,199,254,740,993" */
struct quantity_text quantity_exact(uint64_t count);
#endif
