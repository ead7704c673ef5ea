/* flame/input/perf_words.h - the words of a header of perf script, by their form */
#ifndef FLAME_INPUT_PERF_WORDS_H
#define FLAME_INPUT_PERF_WORDS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flame/input/input_line.h"

/* A comm has at most 15 bytes, so its last word is one of the first ten. */
#define PERF_WORDS_MAX 24u

enum perf_word_form {
	PERF_WORD_OTHER,
	PERF_WORD_NUMBER, /* 101 */
	PERF_WORD_PAIR,   /* 101/103 */
	PERF_WORD_CPU,    /* [003] */
	PERF_WORD_TIME,   /* 12.345678: */
	PERF_WORD_MISC,   /* the letters of -F misc, such as U */
	PERF_WORD_EVENT,  /* any other word with a colon at its end */
	PERF_WORD_RECORD, /* PERF_RECORD_... */
};

struct perf_word {
	struct input_line text;
	enum perf_word_form form;
	size_t gap; /* white space before it */
};

struct perf_words {
	struct perf_word items[PERF_WORDS_MAX];
	size_t count;
	bool more; /* the line has more words */
};

/* Splits the start of the line at white space. */
void perf_words_split(struct perf_words *words, const struct input_line *line);

/* Whether the word is an address: at least `least` hexadecimal digits and nothing else. */
bool perf_word_is_address(const struct input_line *word, size_t least);

/* Whether the word is in the columns that perf uses for an address in a header. */
bool perf_word_is_wide_address(const struct perf_word *word);

/* Returns the number that the digits at the start of the text form; UINT64_MAX and false in
 * *ret_fits if it exceeds 64 bits. */
uint64_t perf_word_number(const struct input_line *word, bool *ret_fits);

/* The position of the words that give the form of a header; PERF_WORDS_MAX: there is none. */
struct perf_anchors {
	size_t id; /* a number or a pair */
	size_t cpu;
	size_t time;
	size_t after; /* the first word behind the last of them */
};

/* Finds the words. A time counts with a CPU and an id directly before it; without a time, a CPU;
 * without both, a pair. */
void perf_anchors_find(const struct perf_words *words, struct perf_anchors *ret_anchors);

/* Whether the line has any of the three. */
static inline bool perf_anchors_any(const struct perf_words *words,
				    const struct perf_anchors *anchors)
{
	return anchors->time < PERF_WORDS_MAX || anchors->cpu < PERF_WORDS_MAX ||
	       (anchors->id < PERF_WORDS_MAX && words->items[anchors->id].form == PERF_WORD_PAIR);
}

#endif
