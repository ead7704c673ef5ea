/* flame/input/input_folded.c - folded text: frames separated by semicolons, then a count */
#include <endian.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "flame/input/input.h"
#include "flame/input/input_text.h"
#include "flame/tree/frame_list.h"
#include "flame/tree/frame_type.h"

#define LOW_BITS UINT64_C(0x7f7f7f7f7f7f7f7f)

static void trim_end(struct input_line *line)
{
	while (line->size > 0 && text_is_space(line->text[line->size - 1]))
		line->size--;
}

/* Moves the last word of the line to *ret_word. Returns false if no white space precedes it. */
static bool take_last_word(struct input_line *line, struct input_line *ret_word)
{
	size_t at;

	trim_end(line);
	at = line->size;
	while (at > 0 && !text_is_space(line->text[at - 1]))
		at--;
	if (at == 0)
		return false;
	ret_word->text = line->text + at;
	ret_word->size = line->size - at;
	line->size = at;
	trim_end(line);
	return true;
}

static size_t count_digits(const struct input_line *word, size_t from)
{
	size_t at = from;

	while (at < word->size && word->text[at] >= '0' && word->text[at] <= '9')
		at++;
	return at - from;
}

static bool append_digits(uint64_t *value, const char *digits, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, (uint64_t)(digits[i] - '0'), value))
			return false;
	return true;
}

/* Parses digits, with or without a point and decimals. Returns NULL, or why the word is not a
 * count. */
static const char *parse_count(const struct input_line *word, struct folded_line *folded, int side)
{
	size_t whole = count_digits(word, 0);
	size_t fraction = 0;
	uint64_t value = 0;

	if (whole == 0)
		return "no count at the end";
	if (whole < word->size) {
		fraction = count_digits(word, whole + 1);
		if (word->text[whole] != '.' || whole + 1 + fraction != word->size)
			return "no count at the end";
		while (fraction > 0 && word->text[whole + fraction] == '0')
			fraction--;
	}
	if (fraction > STACK_DECIMALS_MAX) {
		fraction = STACK_DECIMALS_MAX;
		folded->cut_fraction = true;
	}
	if (!append_digits(&value, word->text, whole) ||
	    !append_digits(&value, word->text + whole + 1, fraction))
		return "count exceeds 64 bits";
	folded->weights[side] = value;
	folded->decimals[side] = (unsigned)fraction;
	return NULL;
}

#ifdef __SSE2__
/* Returns a bit for each byte of 16 that is a separator. */
static inline uint64_t separators_16(const char *text)
{
	__m128i bytes;

	memcpy(&bytes, text, sizeof(bytes));
	return (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(';')));
}
#else
/* Returns a bit for each byte of 8 that is a separator. */
static inline uint64_t separators_8(const char *text)
{
	uint64_t word;
	uint64_t other;

	memcpy(&word, text, sizeof(word));
	other = le64toh(word) ^ UINT64_C(0x0101010101010101) * ';';
	/* No sum carries into the next byte. */
	other = ~(((other & LOW_BITS) + LOW_BITS) | other | LOW_BITS);
	/* The highest bit of each byte, as the highest byte of the product. */
	return ((other >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

static inline uint64_t separators_16(const char *text)
{
	return separators_8(text) | separators_8(text + 8) << 8;
}
#endif

/* Returns a bit for each byte of 64 that is a separator, the first one lowest. */
static inline uint64_t separators_64(const char *text)
{
	return separators_16(text) | separators_16(text + 16) << 16 |
	       separators_16(text + 32) << 32 | separators_16(text + 48) << 48;
}

/* Adds a frame for each separator, with the place of the separator as its size. */
static bool find_separators(struct frame_list *frames, const struct input_line *line)
{
	char rest[64] = {0};

	for (size_t at = 0; at < line->size; at += 64) {
		const char *text = line->text + at;
		uint64_t found;

		if (line->size - at < 64)
			text = memcpy(rest, text, line->size - at);
		if (!frame_list_reserve(frames, 65))
			return false;
		for (found = separators_64(text); found != 0; found &= found - 1)
			frames->items[frames->count++].size = at + (size_t)__builtin_ctzll(found);
	}
	return true;
}

/* An empty frame between two separators is a frame; a separator at the end of the line is ignored.
 */
static enum flame_status split_frames(struct frame_list *frames, const struct input_line *line)
{
	bool in_kernel = false;
	size_t start = 0;

	frames->count = 0;
	if (!find_separators(frames, line))
		return FLAME_NO_MEMORY;
	if (line->text[line->size - 1] != ';')
		frames->items[frames->count++].size = line->size;
	for (size_t i = 0; i < frames->count; i++) {
		struct frame *frame = &frames->items[i];
		size_t stop = frame->size;

		frame->name = line->text + start;
		frame->size = stop - start;
		in_kernel = in_kernel || frame_type_enters_kernel(frame->name, frame->size);
		frame->type = in_kernel ? FRAME_TYPE_KERNEL : FRAME_TYPE_AUTO;
		frame->number = 0;
		start = stop + 1;
	}
	return FLAME_OK;
}

/* Whether the stack ends in a word of digits, which can be the first of two counts. Looks at that
 * word only, as it runs for every line. */
static bool ends_in_count(const struct input_line *stack)
{
	size_t at = stack->size;

	while (at > 0 && stack->text[at - 1] >= '0' && stack->text[at - 1] <= '9')
		at--;
	return at > 1 && at < stack->size && text_is_space(stack->text[at - 1]);
}

enum flame_status folded_line_parse(struct folded_line *folded, const struct input_line *line,
				    bool two_columns, const char **ret_reason)
{
	struct input_line rest = *line;
	struct input_line word;

	*ret_reason = "no count at the end";
	folded->cut_fraction = false;
	folded->has_two_counts = false;
	folded->weights[SIDE_OLD] = 0;
	if (!take_last_word(&rest, &word))
		return FLAME_FORMAT;
	*ret_reason = parse_count(&word, folded, SIDE_NEW);
	if (!*ret_reason && two_columns)
		*ret_reason = take_last_word(&rest, &word) ? parse_count(&word, folded, SIDE_OLD)
							   : "no second count at the end";
	if (*ret_reason)
		return FLAME_FORMAT;
	folded->has_two_counts = !two_columns && ends_in_count(&rest);
	*ret_reason = "no stack before the count";
	return rest.size > 0 ? split_frames(&folded->frames, &rest) : FLAME_FORMAT;
}

static bool is_comment(const struct input_line *line)
{
	size_t spaces = 0;

	while (spaces < line->size && text_is_space(line->text[spaces]))
		spaces++;
	if (spaces == line->size)
		return true;
	return line->text[0] == '#' && (line->size == 1 || strchr(" \t!", line->text[1]));
}

static enum flame_status pass_on(const struct folded_line *folded, enum stack_side side,
				 enum stack_side as, const struct stack_sink *sink)
{
	const struct stack stack = {
		.frames = folded->frames.items,
		.count = folded->frames.count,
		.side = as,
		.weight = folded->weights[side],
		.decimals = folded->decimals[side],
	};

	return sink->stack(sink->context, &stack);
}

static enum flame_status read_line(struct folded_line *folded, const struct input_line *line,
				   const struct input_options *options,
				   const struct stack_sink *sink, const char **ret_reason)
{
	enum flame_status status =
		folded_line_parse(folded, line, options->two_columns, ret_reason);

	if (status != FLAME_OK || !options->two_columns)
		return status == FLAME_OK ? pass_on(folded, SIDE_NEW, options->side, sink) : status;
	status = pass_on(folded, SIDE_NEW, SIDE_NEW, sink);
	return status == FLAME_OK ? pass_on(folded, SIDE_OLD, SIDE_OLD, sink) : status;
}

enum flame_status input_folded_read(struct line_reader *lines, const struct input_options *options,
				    const struct stack_sink *sink, struct input_report *report)
{
	struct folded_line folded = {0};
	enum flame_status status;
	struct input_line line;

	while ((status = input_line_next(lines, &line)) == FLAME_OK) {
		const char *reason = NULL;

		if (is_comment(&line)) {
			report->ignored_lines++;
			continue;
		}
		status = read_line(&folded, &line, options, sink, &reason);
		if (status == FLAME_FORMAT)
			input_complain(report, lines, reason);
		else if (status != FLAME_OK)
			break;
		report->cut_fractions += folded.cut_fraction;
		report->two_counts += folded.has_two_counts && status == FLAME_OK;
	}
	frame_list_release(&folded.frames);
	return status == FLAME_EMPTY ? FLAME_OK : status;
}
