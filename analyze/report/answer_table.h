/* analyze/report/answer_table.h - the kinds of deaths that rank first, in bounded memory
 *
 * The rank of a kind is its class, its cause and its first time. It never changes: counts have no
 * part in it. The table keeps the best kinds and counts the deaths of the others.
 *
 * Proof that this is exact: the kept kinds are always the best ones so far. That is true while
 * there is room. A kind that is turned away or removed ranks after all kept ones, and these only
 * get better, so it cannot come back. So a kept kind was never outside and its count is exact.
 */
#ifndef ANALYZE_REPORT_ANSWER_TABLE_H
#define ANALYZE_REPORT_ANSWER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer_table;

/* Compared in the order of the members: the smallest ranks first. */
struct answer_rank {
	uint32_t class;
	uint32_t kind;
	uint64_t first_ns;
	uint64_t sequence; /* private: set by the table, different for all kinds */
};

/* What makes two deaths alike; any bytes. */
struct answer_key {
	const void *bytes;
	size_t size;
};

/* Frees the item of a kind that the table removes. */
typedef void answer_table_release(void *item);

/* Creates a table of `capacity` kinds, at least 1. Returns NULL on allocation failure. */
struct answer_table *answer_table_new(size_t capacity, answer_table_release *release);

enum answer_added {
	ANSWER_COUNTED,   /* the kind was in the table */
	ANSWER_NEW,       /* the caller sets its item */
	ANSWER_OUTSIDE,   /* the kind ranks after all kept ones: it is not counted */
	ANSWER_NO_MEMORY, /* nothing was added */
};

/* A kept kind. */
struct answer_entry {
	struct answer_rank rank;
	uint64_t count;
	void *item; /* the caller's; released with release(); NULL at first */
};

/* Counts a death. The rank is that of a new kind. Copies the key. Sets *ret_entry to its kind,
 * valid until the next call; NULL if it is outside. */
enum answer_added answer_table_add(struct answer_table *table, struct answer_key key,
				   struct answer_rank rank, struct answer_entry **ret_entry);

/* Returns the kept kind with this key; NULL if there is none. */
struct answer_entry *answer_table_find(struct answer_table *table, struct answer_key key);

/* Returns the kept kind with this place in the order of ranks, from 0; NULL after the last. */
struct answer_entry *answer_table_at(const struct answer_table *table, size_t place);

/* Returns the place of a kept kind. */
size_t answer_table_place(const struct answer_table *table, const struct answer_entry *entry);

/* Calls release() for each kept kind that has an item, and frees the table. NULL is allowed. */
void answer_table_free(struct answer_table *table);

#endif
