/* analyze/report/answers.h - deaths by kind, the worst first: when, who, how, sent by whom */
#ifndef ANALYZE_REPORT_ANSWERS_H
#define ANALYZE_REPORT_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/cause/cause.h"
#include "analyze/replay/visitor.h"
#include "analyze/report/answer_details.h"
#include "text/layout.h"

struct answers;

/* Kinds of deaths that are kept. Deaths of the kinds that rank after them are counted by class. */
#define ANSWERS_KINDS 4096u

struct answers_style {
	struct layout layout;
	size_t top;   /* kinds that are printed; 0: all that are kept */
	bool stacks;  /* print where the process was */
	bool whole;   /* print whole stacks, one line for each frame */
	bool verbose; /* cut nothing */
	bool utc;
	bool dates; /* print the date before each time */
	bool hosts; /* print the host after each answer */
};

/* Copies *style. Returns NULL on allocation failure. */
struct answers *answers_new(const struct answers_style *style);

/* Returns a visitor that groups exits of processes with the same name, end, sender and culprit. It
 * stops on allocation failure. */
struct visitor answers_visitor(struct answers *answers);

/* Returns the number of exits of processes of a class. */
uint64_t answers_count(const struct answers *answers, enum cause_class class);

/* Returns the word for a class in a count: "crashed", ... Static. */
const char *answers_class_word(enum cause_class class);

/* What answers_write() writes. */
struct answers_part {
	size_t lines;   /* at most, unless one answer has more; 0: no limit */
	bool no_failed; /* leave out exits with a code: they are in the tree */
};

/* Writes the answers and a line for the others. What does not fit is counted. Returns false on
 * allocation failure. */
bool answers_write(const struct answers *answers, const struct answers_part *part, FILE *out);

/* One kind of deaths, with the words that answers_write() writes, and its details. Valid during a
 * call of answers_each(). */
struct answer_view {
	enum cause_class class;
	const char *class_word; /* CRASHED */
	const char *time;       /* of the first death */
	const char *names;      /* w0..w4999, or server[5903] */
	uint64_t count;
	const char *until; /* time of the last death */
	const char *text;  /* how, and sent by whom */
	const char *host;  /* empty without style->hosts */
	const struct answer_details *details;
};

/* Passes the answers that answers_write() would write, in the same order. each() returns false to
 * stop. Returns false if it did, and on allocation failure. */
bool answers_each(const struct answers *answers,
		  bool (*each)(void *context, const struct answer_view *view), void *context);

/* Frees everything. NULL is allowed. */
void answers_free(struct answers *answers);

#endif
