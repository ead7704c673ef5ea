/* flame/style/amount.c - weights as text: exact, scaled to a unit, and as a share */
#include "flame/style/amount.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/wide.h"
#include "text/quantity.h"

/* Writes at least `digits_min` digits of the number, and a NUL, so that they end at `end`. Returns
 * the first digit. */
static char *print_digits(struct wide value, unsigned digits_min, char *end)
{
	unsigned digits = 0;

	*--end = '\0';
	while (value.high > 0 || value.low > 0 || digits < digits_min) {
		*--end = (char)('0' + (char)wide_divide(&value, 10));
		digits++;
	}
	return end;
}

static void drop_trailing_zeros(char *text)
{
	size_t length = strlen(text);

	while (length > 0 && text[length - 1] == '0')
		length--;
	if (length > 0 && text[length - 1] == '.')
		length--;
	text[length] = '\0';
}

struct amount_text amount_exact(uint64_t weight, const struct amount_scale *scale)
{
	struct wide value = wide_multiply(weight, scale->factor);
	char buffer[AMOUNT_TEXT_MAX];
	struct amount_text result;
	const char *digits = print_digits(value, scale->decimals + 1, buffer + sizeof(buffer));
	size_t whole = strlen(digits) - scale->decimals;
	char *out = result.text;

	for (size_t i = 0; digits[i]; i++) {
		if (i == whole)
			*out++ = '.';
		else if (i > 0 && i < whole && (whole - i) % 3 == 0)
			*out++ = ',';
		*out++ = digits[i];
	}
	*out = '\0';
	if (scale->decimals > 0)
		drop_trailing_zeros(result.text);
	return result;
}

static uint64_t whole_units(uint64_t weight, const struct amount_scale *scale)
{
	struct wide value = wide_multiply(weight, scale->factor);

	for (unsigned i = 0; i < scale->decimals; i++)
		wide_divide(&value, 10);
	return value.high > 0 ? UINT64_MAX : value.low;
}

bool amount_is_scaled(const struct amount_scale *scale)
{
	return strcmp(scale->unit, "ns") == 0 || strcmp(scale->unit, "bytes") == 0;
}

struct amount_text amount_short(uint64_t weight, const struct amount_scale *scale)
{
	struct amount_text result;
	struct quantity_text text;

	if (!amount_is_scaled(scale))
		return amount_exact(weight, scale);
	text = strcmp(scale->unit, "ns") == 0 ? quantity_of_duration(whole_units(weight, scale))
					      : quantity_of_bytes(whole_units(weight, scale));
	snprintf(result.text, sizeof(result.text), "%s", text.text);
	return result;
}

struct unit {
	const char *name;
	double factor;
};

/* From a minute on, a time has two parts: "1m 05s". */
#define ROUNDED_NS_MAX UINT64_C(60000000000)

/* The units ascend; the last one has no name. A value below the first one is exact. */
static const struct unit *units_of(uint64_t value, const struct amount_scale *scale)
{
	static const struct unit times[] = {{" us", 1e3}, {" ms", 1e6}, {" s", 1e9}, {NULL, 0}};
	static const struct unit sizes[] = {{" KiB", 0x1p10}, {" MiB", 0x1p20}, {" GiB", 0x1p30},
					    {" TiB", 0x1p40}, {" PiB", 0x1p50}, {" EiB", 0x1p60},
					    {NULL, 0}};
	static const struct unit counts[] = {{" M", 1e6},  {" G", 1e9},  {" T", 1e12},
					     {" P", 1e15}, {" E", 1e18}, {NULL, 0}};

	if (!amount_is_scaled(scale))
		return counts;
	if (strcmp(scale->unit, "bytes") == 0)
		return sizes;
	return value < ROUNDED_NS_MAX ? times : NULL;
}

struct amount_text amount_rounded(uint64_t weight, const struct amount_scale *scale)
{
	uint64_t whole = whole_units(weight, scale);
	const struct unit *unit = units_of(whole, scale);
	struct amount_text result;
	double value;

	if (!unit || (double)whole < unit->factor)
		return amount_short(weight, scale);
	/* What would be rounded to the next unit has that unit. */
	while (unit[1].name && (double)whole >= unit[1].factor * 0.9995)
		unit++;
	value = (double)whole / unit->factor;
	snprintf(result.text, sizeof(result.text), "%.*f%s",
		 value < 9.995   ? 2
		 : value < 99.95 ? 1
				 : 0,
		 value, unit->name);
	return result;
}

uint64_t amount_share(uint64_t part, uint64_t whole)
{
	if (whole == 0)
		return 0;
	return wide_scale_rounded(part, 10000, whole);
}

struct amount_text amount_percent(uint64_t part, uint64_t whole)
{
	uint64_t share = amount_share(part, whole);
	struct amount_text result;

	snprintf(result.text, sizeof(result.text), "%" PRIu64 ".%02" PRIu64, share / 100,
		 share % 100);
	return result;
}
