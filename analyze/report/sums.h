/* analyze/report/sums.h - times added up by a text or a number
 *
 * The sums are in a balanced tree. No choice of names and numbers in a file makes it slow.
 */
#ifndef ANALYZE_REPORT_SUMS_H
#define ANALYZE_REPORT_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/report/histogram.h"
#include "analyze/trace/trace.h"

/* The key is of, text and number. */
struct sum {
	unsigned int of; /* what is added up, from 0 */
	struct trace_text text;
	uint64_t number;
	uint64_t count;
	uint64_t total_ns;       /* stays at its largest value instead of overflowing */
	struct histogram *times; /* of sums_add(); NULL: there are none */
};

/* Zeroed: empty. */
struct sums {
	void *tree;
	size_t count;
	bool out_of_memory;
};

/* Adds a time to the sum of a key, of which the counts are 0; copies its text. Returns false on
 * allocation failure. */
bool sums_add(struct sums *sums, const struct sum *key, uint64_t ns);

/* Adds so many times, of which the total is given. Each of them is unknown: they are not in the
 * histogram. */
bool sums_add_many(struct sums *sums, const struct sum *key, uint64_t count, uint64_t total_ns);

/* Returns the sums by `of`, those with the largest total first; and a NULL behind the last. The
 * caller must free the array; the sums are valid until sums_release(). Returns NULL on allocation
 * failure, also before. */
const struct sum **sums_sorted(const struct sums *sums);

/* Frees the sums. The struct is empty then. */
void sums_release(struct sums *sums);

#endif
