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

struct amount_text amount_rounded(uint64_t weight, const struct amount_scale *scale)
{
	static const char letters[] = "MGTPE";
	struct amount_text result;
	double value;
	size_t at = 0;

	if (amount_is_scaled(scale) || whole_units(weight, scale) < 1000000)
		return amount_short(weight, scale);
	for (value = (double)whole_units(weight, scale) / 1e6; value >= 999.5 && letters[at + 1];
	     at++)
		value /= 1000;
	snprintf(result.text, sizeof(result.text), "%.*f %c",
		 value < 9.995   ? 2
		 : value < 99.95 ? 1
				 : 0,
		 value, letters[at]);
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
