/* tests/format/trace_digest.h - what a reader makes of some bytes, as numbers to compare
 *
 * Made for files of sample_make(): each of their generations has its own minute.
 */
#ifndef TESTS_FORMAT_TRACE_DIGEST_H
#define TESTS_FORMAT_TRACE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dz/reader.h>

#define DIGEST_GENERATIONS 4u
#define DIGEST_KINDS       64u

struct trace_digest {
	enum dz_status open_status;
	enum dz_status end_status; /* of the last dz_reader_next() */
	bool closed;
	uint64_t damage_bytes; /* of all stretches */
	size_t damage_count;
	uint64_t rows;
	/* By generation and kind: the number of rows, and a sum over their values that are not
	 * references. */
	uint32_t counts[DIGEST_GENERATIONS][DIGEST_KINDS];
	uint64_t sums[DIGEST_GENERATIONS][DIGEST_KINDS];
};

/* Reads everything and verifies everything. */
struct trace_digest trace_digest_of(const uint8_t *bytes, size_t size);

/* The two agree in the rows of every generation and kind but, if it is not 0, the given kind of the
 * given generation, of which first has none. */
bool trace_digest_same_rows(const struct trace_digest *first, const struct trace_digest *second,
			    uint32_t but_generation, uint32_t but_kind);

#endif
