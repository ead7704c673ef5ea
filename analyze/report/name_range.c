/* analyze/report/name_range.c - names that differ in numbers only: w0, w1 and w4998 */
#include "analyze/report/name_range.h"

#include <inttypes.h>
#include <string.h>

#include "analyze/cause/task_text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t count_digits(const char *text, size_t size)
{
	size_t count = 0;

	while (count < size && is_digit(text[count]))
		count++;
	return count;
}

void name_range_fold(struct buffer *key, struct trace_text name)
{
	size_t at = 0;

	while (at < name.size) {
		size_t digits = count_digits(name.bytes + at, name.size - at);

		buffer_put_u8(key, digits > 0 ? '0' : (uint8_t)name.bytes[at]);
		at += digits > 0 ? digits : 1;
	}
}

/* A number of a damaged file that is too large stays at the largest value. */
static uint64_t read_number(const char *digits, size_t count)
{
	uint64_t value = 0;

	for (size_t i = 0; i < count; i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(digits[i] - '0'), &value))
			return UINT64_MAX;
	return value;
}

bool name_range_start(struct name_range *range, struct trace_text name)
{
	range->first = malloc(name.size + 1);
	if (!range->first)
		return false;
	if (name.size > 0)
		memcpy(range->first, name.bytes, name.size);
	range->first_size = name.size;
	for (size_t i = 0; i < NAME_RANGE_NUMBERS; i++)
		range->numbers[i] = (struct name_number){.least = UINT64_MAX};
	name_range_add(range, name);
	return true;
}

static void add_number(struct name_number *number, const char *digits, size_t count)
{
	uint64_t value = read_number(digits, count);
	bool is_first = number->least_digits == 0;

	if (is_first || value < number->least) {
		number->least = value;
		number->least_digits = (uint32_t)count;
	}
	if (is_first || value > number->most) {
		number->most = value;
		number->most_digits = (uint32_t)count;
	}
}

void name_range_add(struct name_range *range, struct trace_text name)
{
	size_t at = 0;
	size_t number = 0;

	while (at < name.size && number < NAME_RANGE_NUMBERS) {
		size_t digits = count_digits(name.bytes + at, name.size - at);

		if (digits > 0)
			add_number(&range->numbers[number++], name.bytes + at, digits);
		at += digits > 0 ? digits : 1;
	}
}

static size_t count_different(const struct name_range *range)
{
	size_t count = 0;

	for (size_t i = 0; i < NAME_RANGE_NUMBERS; i++)
		count += range->numbers[i].least < range->numbers[i].most;
	return count;
}

bool name_range_is_several(const struct name_range *range)
{
	return count_different(range) > 0;
}

/* A number in a name as it is printed. */
enum shown {
	SHOWN_LEAST,
	SHOWN_MOST,
	SHOWN_AS_N,
};

static void write_number(const struct name_number *number, enum shown shown, FILE *out)
{
	if (shown == SHOWN_AS_N)
		fputc('N', out);
	else if (shown == SHOWN_LEAST)
		fprintf(out, "%0*" PRIu64, (int)number->least_digits, number->least);
	else
		fprintf(out, "%0*" PRIu64, (int)number->most_digits, number->most);
}

static void write_shown(const struct name_range *range, enum shown shown, FILE *out)
{
	const char *first = range->first;
	size_t at = 0;
	size_t start = 0;
	size_t number = 0;

	while (at < range->first_size && number < NAME_RANGE_NUMBERS) {
		size_t digits = count_digits(first + at, range->first_size - at);
		const struct name_number *found = &range->numbers[number];

		if (digits > 0 && found->least < found->most) {
			task_text_text(out, (struct trace_text){first + start, at - start});
			write_number(found, shown, out);
			start = at + digits;
		}
		number += digits > 0;
		at += digits > 0 ? digits : 1;
	}
	task_text_text(out, (struct trace_text){first + start, range->first_size - start});
}

void name_range_write(const struct name_range *range, FILE *out)
{
	size_t different = count_different(range);

	write_shown(range, different > 1 ? SHOWN_AS_N : SHOWN_LEAST, out);
	if (different != 1)
		return;
	fputs("..", out);
	write_shown(range, SHOWN_MOST, out);
}

void name_range_release(struct name_range *range)
{
	free(range->first);
	range->first = NULL;
}
