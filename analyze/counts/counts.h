/* analyze/counts/counts.h - numbers of exits of processes by keys, in bounded memory
 *
 * The first COUNTS_ROWS_MAX different rows are exact. Exits that belong to no row are counted by
 * their class.
 */
#ifndef ANALYZE_COUNTS_COUNTS_H
#define ANALYZE_COUNTS_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/replay/visitor.h"
#include "analyze/trace/trace.h"

#define COUNTS_ROWS_MAX ((size_t)65536)

/* Limit for the texts of all rows. */
#define COUNTS_TEXT_BYTES ((size_t)32 << 20)

/* KEY(NAME, name): words of --by. Each is also a column and a member of JSON. */
#define COUNTS_KEYS(KEY)                                                                           \
	KEY(HOST, host)                                                                            \
	KEY(BOOT, boot)                                                                            \
	KEY(FILE, file)                                                                            \
	KEY(CGROUP, cgroup)                                                                        \
	KEY(CONTAINER, container)                                                                  \
	KEY(COMM, comm)                                                                            \
	KEY(CLASS, class)                                                                          \
	KEY(CAUSE, cause)                                                                          \
	KEY(SENDER, sender)                                                                        \
	KEY(UID, uid)                                                                              \
	KEY(HOUR, hour)

#define COUNTS_ENUMERATOR(NAME, name) COUNTS_##NAME,
enum counts_key { COUNTS_KEYS(COUNTS_ENUMERATOR) COUNTS_KEY_COUNT };
#undef COUNTS_ENUMERATOR

/* What to count by. */
struct counts_request {
	enum counts_key keys[COUNTS_KEY_COUNT];
	size_t key_count;
	bool utc;           /* hours are in UTC, not in local time */
	bool similar_names; /* in comm, each run of digits counts as N */
	bool without_clean; /* ends with code 0 are not counted */
};

/* Exits of two traces are counted apart: see counts_diff.h. */
#define COUNTS_SIDES 2u

struct counts_row {
	char *text; /* the values: see counts_value() */
	size_t text_bytes;
	uint64_t counts[COUNTS_SIDES];
	uint64_t first_ns[COUNTS_SIDES]; /* Unix; 0: none */
	uint64_t last_ns[COUNTS_SIDES];
	enum cause_class class; /* of the first exit */
};

struct counts;

/* One trace to count. */
struct counts_side {
	struct counts *counts;
	size_t side;
};

/* Parses "host,comm,cause" into keys and key_count. Returns false, with *ret_request unchanged, if
 * a word is no key or comes twice. */
bool counts_parse_keys(const char *text, struct counts_request *ret_request);

/* Returns the name of a key. Static. */
const char *counts_key_name(enum counts_key key);

/* Returns empty counts, NULL on allocation failure. Copies *request. */
struct counts *counts_new(const struct counts_request *request);

/* Returns a visitor that counts exits of processes. It stops on allocation failure. Borrows *side,
 * and its counts. */
struct visitor counts_visitor(struct counts_side *side);

/* Orders the rows: the most frequent of side 0 first, then the most serious, then the first.
 * Returns their number. No exit may be counted afterwards. */
size_t counts_sort(struct counts *counts);
const struct counts_row *counts_row_at(const struct counts *counts, size_t number);

/* Returns the value of key `number` of the request. `bytes` is NULL if it is unknown. */
struct trace_text counts_value(const struct counts_row *row, size_t number);

/* Returns the number of exits in no row, by class. */
uint64_t counts_others(const struct counts *counts, size_t side, enum cause_class class);

/* Returns the number of all exits that were counted. */
uint64_t counts_total(const struct counts *counts, size_t side);

/* Returns the request. */
const struct counts_request *counts_request_of(const struct counts *counts);

/* Frees counts. NULL is allowed. */
void counts_free(struct counts *counts);

#endif
