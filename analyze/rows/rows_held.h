/* analyze/rows/rows_held.h - rows that wait for a later event, in bounded memory */
#ifndef ANALYZE_ROWS_ROWS_HELD_H
#define ANALYZE_ROWS_ROWS_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/trace/trace.h"

/* Rows that can be held. If there are more, the oldest is written as it is. */
#define ROWS_HELD_MAX 16384u

/* What a row waits for. */
struct rows_held_key {
	const struct trace_file *file;
	uint64_t id, time_ns, number;
};

/* A row. The values that are still unknown come between the two parts of its text. */
struct rows_held_row {
	struct rows_held_key key;
	uint64_t unix_ns;
	char *text; /* allocated */
	size_t first_bytes, bytes;

	struct rows_held_row *older, *newer, *next; /* private */
};

struct rows_held;

/* Returns an empty table, NULL on allocation failure. */
struct rows_held *rows_held_new(void);

/* Adds a row with a copy of its text, of which the first part has `first_bytes`. Returns false on
 * allocation failure. */
bool rows_held_add(struct rows_held *held, const struct rows_held_key *key, uint64_t unix_ns,
		   struct trace_text text, size_t first_bytes);

/* Returns the oldest row with this key, NULL if there is none. */
struct rows_held_row *rows_held_find(const struct rows_held *held, const struct rows_held_key *key);

/* Returns the oldest row, NULL if there is none. */
struct rows_held_row *rows_held_oldest(const struct rows_held *held);

/* Returns whether there are ROWS_HELD_MAX rows. */
bool rows_held_is_full(const struct rows_held *held);

/* Removes and frees a row. */
void rows_held_remove(struct rows_held *held, struct rows_held_row *row);

/* Frees the table and its rows. NULL is allowed. */
void rows_held_free(struct rows_held *held);

#endif
