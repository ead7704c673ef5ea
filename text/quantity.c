/* text/quantity.c - sizes, durations and counts as text */
#include "text/quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/wide.h"

#define NS_PER_US     UINT64_C(1000)
#define NS_PER_MS     UINT64_C(1000000)
#define NS_PER_S      UINT64_C(1000000000)
#define NS_PER_MINUTE (60 * NS_PER_S)
#define NS_PER_HOUR   (60 * NS_PER_MINUTE)
#define NS_PER_DAY    (24 * NS_PER_HOUR)

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit byte_units[] = {
	{"", 1},
	{"B", 1},
	{"K", UINT64_C(1) << 10},
	{"KB", UINT64_C(1) << 10},
	{"KiB", UINT64_C(1) << 10},
	{"k", UINT64_C(1) << 10},
	{"M", UINT64_C(1) << 20},
	{"MB", UINT64_C(1) << 20},
	{"MiB", UINT64_C(1) << 20},
	{"G", UINT64_C(1) << 30},
	{"GB", UINT64_C(1) << 30},
	{"GiB", UINT64_C(1) << 30},
	{"T", UINT64_C(1) << 40},
	{"TB", UINT64_C(1) << 40},
	{"TiB", UINT64_C(1) << 40},
	{"P", UINT64_C(1) << 50},
	{"PB", UINT64_C(1) << 50},
	{"PiB", UINT64_C(1) << 50},
	{NULL, 0},
};

static const struct unit duration_units[] = {
	{"", NS_PER_S},         {"ns", 1},
	{"us", NS_PER_US},      {"ms", NS_PER_MS},
	{"s", NS_PER_S},        {"m", NS_PER_MINUTE},
	{"min", NS_PER_MINUTE}, {"h", NS_PER_HOUR},
	{"d", NS_PER_DAY},      {NULL, 0},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool append_digit(uint64_t *value, char digit)
{
	return !__builtin_mul_overflow(*value, 10, value) &&
	       !__builtin_add_overflow(*value, (uint64_t)(digit - '0'), value);
}

/* Reads digits up to the first other character. Returns false if there are none or they overflow.
 */
static bool parse_digits(const char **text, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!is_digit(**text))
		return false;
	for (; is_digit(**text); (*text)++)
		if (!append_digit(&value, **text))
			return false;
	*ret_value = value;
	return true;
}

/* Reads the digits after the point, in units of 1/scale, and ignores those after the ninth. */
static bool parse_fraction(const char **text, uint64_t *ret_value, uint64_t *ret_scale)
{
	uint64_t value = 0;
	uint64_t scale = 1;

	if (!is_digit(**text))
		return false;
	for (; is_digit(**text); (*text)++) {
		if (scale >= NS_PER_S)
			continue;
		value = value * 10 + (uint64_t)(**text - '0');
		scale *= 10;
	}
	*ret_value = value;
	*ret_scale = scale;
	return true;
}

static const struct unit *find_unit(const struct unit *units, const char *name)
{
	for (; units->name; units++)
		if (strcmp(units->name, name) == 0)
			return units;
	return NULL;
}

static uint64_t scaled_fraction(uint64_t fraction, uint64_t scale, uint64_t factor)
{
	return wide_scale(fraction, factor, scale);
}

static bool parse_quantity(const char *text, const struct unit *units, uint64_t *ret_value)
{
	uint64_t fraction = 0;
	uint64_t scale = 1;
	const struct unit *unit;
	uint64_t value;

	if (!parse_digits(&text, &value))
		return false;
	if (*text == '.') {
		text++;
		if (!parse_fraction(&text, &fraction, &scale))
			return false;
	}
	unit = find_unit(units, text);
	if (!unit || (scale > 1 && unit->factor == 1))
		return false;
	fraction = scaled_fraction(fraction, scale, unit->factor);
	if (__builtin_mul_overflow(value, unit->factor, &value) ||
	    __builtin_add_overflow(value, fraction, &value))
		return false;
	*ret_value = value;
	return true;
}

bool quantity_parse_bytes(const char *text, uint64_t *ret_bytes)
{
	return parse_quantity(text, byte_units, ret_bytes);
}

bool quantity_parse_duration(const char *text, uint64_t *ret_ns)
{
	return parse_quantity(text, duration_units, ret_ns);
}

bool quantity_parse_count(const char *text, uint64_t largest, uint64_t *ret_count)
{
	uint64_t value;

	if (!parse_digits(&text, &value) || *text != '\0' || value > largest)
		return false;
	*ret_count = value;
	return true;
}

/* One decimal, truncated and not rounded: "1.0 M" means at least a million. */
static struct quantity_text with_tenths(uint64_t value, uint64_t factor, const char *unit)
{
	struct quantity_text result;
	uint64_t whole = value / factor;
	uint64_t tenths = scaled_fraction(value % factor, factor, 10);

	snprintf(result.text, sizeof(result.text), "%" PRIu64 ".%" PRIu64 " %s", whole, tenths,
		 unit);
	return result;
}

static struct quantity_text with_unit(uint64_t value, const char *unit)
{
	struct quantity_text result;

	snprintf(result.text, sizeof(result.text), "%" PRIu64 "%s", value, unit);
	return result;
}

/* `units` descend and end with factor 1, which is printed without tenths. */
static struct quantity_text scale_to(uint64_t value, const struct unit *units)
{
	while (units->factor > 1 && value < units->factor)
		units++;
	if (units->factor == 1)
		return with_unit(value, units->name);
	return with_tenths(value, units->factor, units->name);
}

struct quantity_text quantity_of_bytes(uint64_t bytes)
{
	static const struct unit units[] = {
		{"EiB", UINT64_C(1) << 60},
		{"PiB", UINT64_C(1) << 50},
		{"TiB", UINT64_C(1) << 40},
		{"GiB", UINT64_C(1) << 30},
		{"MiB", UINT64_C(1) << 20},
		{"KiB", UINT64_C(1) << 10},
		{" B", 1},
	};

	return scale_to(bytes, units);
}

struct quantity_text quantity_of_count(uint64_t count)
{
	static const struct unit units[] = {
		{"E", UINT64_C(1000000000000000000)},
		{"P", UINT64_C(1000000000000000)},
		{"T", UINT64_C(1000000000000)},
		{"G", UINT64_C(1000000000)},
		{"M", UINT64_C(1000000)},
		{"k", UINT64_C(1000)},
		{"", 1},
	};

	return scale_to(count, units);
}

static struct quantity_text two_parts(uint64_t duration_ns, const struct unit *large,
				      const struct unit *small)
{
	struct quantity_text result;

	snprintf(result.text, sizeof(result.text), "%" PRIu64 "%s %02" PRIu64 "%s",
		 duration_ns / large->factor, large->name,
		 duration_ns % large->factor / small->factor, small->name);
	return result;
}

struct quantity_text quantity_of_duration(uint64_t duration_ns)
{
	static const struct unit clock[] = {
		{"d", NS_PER_DAY}, {"h", NS_PER_HOUR}, {"m", NS_PER_MINUTE}, {"s", NS_PER_S}};
	static const struct unit units[] = {
		{"s", NS_PER_S}, {"ms", NS_PER_MS}, {"us", NS_PER_US}, {" ns", 1}};

	for (size_t i = 0; i + 1 < sizeof(clock) / sizeof(clock[0]); i++)
		if (duration_ns >= clock[i].factor)
			return two_parts(duration_ns, &clock[i], &clock[i + 1]);
	return scale_to(duration_ns, units);
}

/* The first unit in which the duration has at most this many; the largest one has no limit. */
static const struct {
	const char *name;
	uint64_t factor;
	uint64_t below;
} length_units[] = {
	{"ns", 1, 100},       {"us", NS_PER_US, 100},      {"ms", NS_PER_MS, 1000},
	{"s", NS_PER_S, 100}, {"min", NS_PER_MINUTE, 100}, {"h", NS_PER_HOUR, 48},
};

struct quantity_text quantity_of_length(uint64_t duration_ns)
{
	struct quantity_text result;

	for (size_t i = 0; i < sizeof(length_units) / sizeof(length_units[0]); i++) {
		uint64_t factor = length_units[i].factor;
		const char *name = length_units[i].name;

		if (duration_ns / factor >= length_units[i].below)
			continue;
		if (factor > 1 && duration_ns / factor < 10)
			return with_tenths(duration_ns, factor, name);
		snprintf(result.text, sizeof(result.text), "%" PRIu64 " %s", duration_ns / factor,
			 name);
		return result;
	}
	snprintf(result.text, sizeof(result.text), "%" PRIu64 " d %" PRIu64 " h",
		 duration_ns / NS_PER_DAY, duration_ns % NS_PER_DAY / NS_PER_HOUR);
	return result;
}

struct quantity_text quantity_exact(uint64_t count)
{
	struct quantity_text result;
	char digits[QUANTITY_TEXT_MAX];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);
	char *out = result.text;

	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	return result;
}
