/* text/digits.c - numbers as few characters without escapes in C, XML and JavaScript */
#include "text/digits.h"

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

char digits_digit(unsigned value)
{
	return alphabet[value & 63];
}

int digits_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'A' && digit <= 'Z')
		return digit - 'A' + 10;
	if (digit >= 'a' && digit <= 'z')
		return digit - 'a' + 36;
	if (digit == '-')
		return 62;
	return digit == '_' ? 63 : -1;
}

void digits_write(FILE *stream, uint64_t value)
{
	for (; value >= 32; value >>= 5)
		putc_unlocked(digits_digit(32 + (unsigned)(value & 31)), stream);
	putc_unlocked(digits_digit((unsigned)value), stream);
}

bool digits_read(const char **text, const char *end, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned shift = 0; *text < end && shift < 65; shift += 5) {
		int digit = digits_value(*(*text)++);
		uint64_t bits = (uint64_t)digit & 31;

		if (digit < 0 || (shift == 60 && bits > 15))
			return false;
		value |= bits << shift;
		if (digit < 32) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}
