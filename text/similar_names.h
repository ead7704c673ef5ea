/* text/similar_names.h - finds names similar to one that does not exist */
#ifndef TEXT_SIMILAR_NAMES_H
#define TEXT_SIMILAR_NAMES_H

#include <stddef.h>

#define SIMILAR_NAMES_MAX      3
#define SIMILAR_NAME_BYTES     64
#define SIMILAR_NAMES_TEXT_MAX (SIMILAR_NAMES_MAX * (SIMILAR_NAME_BYTES + 2))

struct similar_names {
	const char *target; /* borrowed */
	struct {
		char name[SIMILAR_NAME_BYTES];
		size_t distance;
	} names[SIMILAR_NAMES_MAX]; /* most similar first */
	size_t count;
};

/* Starts a search. Borrows `target` until the last offer. */
void similar_names_begin(struct similar_names *similar, const char *target);

/* Copies an existing name if it is similar enough, unless it is the target itself. */
void similar_names_offer(struct similar_names *similar, const char *name);

/* Writes "a, b, c", the most similar first, or an empty string. */
void similar_names_text(const struct similar_names *similar, char out[SIMILAR_NAMES_TEXT_MAX]);

#endif
