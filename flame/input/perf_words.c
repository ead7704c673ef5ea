/* flame/input/perf_words.c - the words of a header of perf script, by their form */
#include "flame/input/perf_words.h"

#include <string.h>

#include "flame/input/input_text.h"

#define NONE            PERF_WORDS_MAX
#define ADDRESS_COLUMNS 17u

static size_t count_digits(const struct input_line *word, size_t from)
{
	size_t at = from;

	while (at < word->size && word->text[at] >= '0' && word->text[at] <= '9')
		at++;
	return at - from;
}

/* Of a kernel thread that has ended, perf prints -1. */
static size_t count_id(const struct input_line *word, size_t from)
{
	size_t sign = from < word->size && word->text[from] == '-';
	size_t digits = count_digits(word, from + sign);

	return digits > 0 ? sign + digits : 0;
}

static bool is_pair(const struct input_line *word)
{
	size_t first = count_id(word, 0);

	return first > 0 && first < word->size && word->text[first] == '/' &&
	       count_id(word, first + 1) > 0 && first + 1 + count_id(word, first + 1) == word->size;
}

static bool is_cpu(const struct input_line *word)
{
	return word->size >= 5 && word->text[0] == '[' && count_digits(word, 1) == word->size - 2 &&
	       word->text[word->size - 1] == ']';
}

static bool is_time(const struct input_line *word)
{
	size_t whole = count_digits(word, 0);
	size_t decimals;

	if (whole == 0 || whole + 2 >= word->size || word->text[whole] != '.')
		return false;
	decimals = count_digits(word, whole + 1);
	return decimals > 0 && decimals <= 9 && whole + decimals + 2 == word->size &&
	       word->text[word->size - 1] == ':';
}

static bool is_misc(const struct input_line *word)
{
	if (word->size > 4 || !memchr("KUHhGg?", word->text[0], 7))
		return false;
	for (size_t i = 1; i < word->size; i++)
		if (!memchr("MESp", word->text[i], 4))
			return false;
	return true;
}

static enum perf_word_form form_of(const struct input_line *word)
{
	if (count_id(word, 0) == word->size)
		return PERF_WORD_NUMBER;
	if (is_pair(word))
		return PERF_WORD_PAIR;
	if (is_cpu(word))
		return PERF_WORD_CPU;
	if (is_time(word))
		return PERF_WORD_TIME;
	if (input_line_starts_with(word, "PERF_RECORD_"))
		return PERF_WORD_RECORD;
	if (word->size > 1 && word->text[word->size - 1] == ':')
		return PERF_WORD_EVENT;
	return is_misc(word) ? PERF_WORD_MISC : PERF_WORD_OTHER;
}

void perf_words_split(struct perf_words *words, const struct input_line *line)
{
	size_t at = 0;

	words->count = 0;
	while (words->count < PERF_WORDS_MAX) {
		struct perf_word *word = &words->items[words->count];
		size_t start = at;

		while (at < line->size && text_is_space(line->text[at]))
			at++;
		if (at == line->size)
			break;
		word->gap = at - start;
		word->text.text = line->text + at;
		start = at;
		while (at < line->size && !text_is_space(line->text[at]))
			at++;
		word->text.size = at - start;
		word->form = form_of(&word->text);
		words->count++;
	}
	words->more = at < line->size;
}

bool perf_word_is_address(const struct input_line *word, size_t least)
{
	if (word->size < least || word->size > 16)
		return false;
	for (size_t i = 0; i < word->size; i++)
		if (!memchr("0123456789abcdef", word->text[i], 16))
			return false;
	return true;
}

bool perf_word_is_wide_address(const struct perf_word *word)
{
	return word->gap + word->text.size >= ADDRESS_COLUMNS &&
	       perf_word_is_address(&word->text, 4);
}

uint64_t perf_word_number(const struct input_line *word, bool *ret_fits)
{
	size_t digits = count_digits(word, 0);
	uint64_t value = 0;

	*ret_fits = true;
	for (size_t i = 0; i < digits; i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(word->text[i] - '0'), &value)) {
			*ret_fits = false;
			return UINT64_MAX;
		}
	return value;
}

static size_t find_form(const struct perf_words *words, enum perf_word_form form)
{
	for (size_t i = 0; i < words->count; i++)
		if (words->items[i].form == form)
			return i;
	return NONE;
}

static bool has_form(const struct perf_words *words, size_t at, enum perf_word_form form)
{
	return at < words->count && words->items[at].form == form;
}

/* Returns the position before `at`, without the letters of -F misc; NONE at the start. */
static size_t before(const struct perf_words *words, size_t at)
{
	if (at > 0 && has_form(words, at - 1, PERF_WORD_MISC) && at > 1)
		at--;
	return at > 0 ? at - 1 : NONE;
}

void perf_anchors_find(const struct perf_words *words, struct perf_anchors *ret_anchors)
{
	struct perf_anchors found = {.id = NONE, .cpu = NONE};
	size_t at;

	found.time = find_form(words, PERF_WORD_TIME);
	if (found.time == NONE)
		found.cpu = find_form(words, PERF_WORD_CPU);
	else if (has_form(words, before(words, found.time), PERF_WORD_CPU))
		found.cpu = before(words, found.time);
	at = found.cpu < NONE ? found.cpu : found.time;
	if (at == NONE) {
		found.id = find_form(words, PERF_WORD_PAIR);
		found.after = found.id < NONE ? found.id + 1 : 0;
	} else {
		at = before(words, at);
		if (has_form(words, at, PERF_WORD_NUMBER) || has_form(words, at, PERF_WORD_PAIR))
			found.id = at;
		found.after = (found.time < NONE ? found.time : found.cpu) + 1;
	}
	if (found.time == NONE && has_form(words, found.after, PERF_WORD_MISC))
		found.after++;
	*ret_anchors = found;
}
