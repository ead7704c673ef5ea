/* record/probes/similar_names.h - the names that are most like one that does not exist */
#ifndef RECORD_PROBES_SIMILAR_NAMES_H
#define RECORD_PROBES_SIMILAR_NAMES_H

#include <stddef.h>

#define NEAR_NAMES_MAX      3
#define NEAR_NAME_BYTES     64
#define NEAR_NAMES_TEXT_MAX (NEAR_NAMES_MAX * (NEAR_NAME_BYTES + 2))

struct near_names {
	const char *wanted; /* borrowed */
	struct {
		char name[NEAR_NAME_BYTES];
		size_t distance;
	} names[NEAR_NAMES_MAX]; /* nearest first */
	size_t count;
};

/* Forgets what was offered; `wanted` is borrowed until the last offer. */
void near_names_begin(struct near_names *near, const char *wanted);

/* Copies a name that exists, if it is near enough, unless it is `wanted` itself. */
void near_names_offer(struct near_names *near, const char *name);

/* "a, b, c", the nearest first, or empty. */
void near_names_text(const struct near_names *near, char out[NEAR_NAMES_TEXT_MAX]);

#endif
