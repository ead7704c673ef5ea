/* tests/format/trace_digest.h - results of a reader as numbers to compare
 *
 * For files of sample_make(), where each generation has the times of a separate minute.
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
	uint64_t damage_bytes; /* of all entries */
	size_t damage_count;
	uint64_t rows;
	/* By generation and kind: the number of rows, and a sum over their values that are not
	 * references. */
	uint32_t counts[DIGEST_GENERATIONS][DIGEST_KINDS];
	uint64_t sums[DIGEST_GENERATIONS][DIGEST_KINDS];
};

/* Reads all events of the bytes and verifies them. */
struct trace_digest trace_digest_of(const uint8_t *bytes, size_t size);

/* Adds the rows that the reader returns up to its end. */
void trace_digest_read(struct dz_reader *reader, struct trace_digest *digest);

/* Sets what is known after the last row. */
void trace_digest_end(struct dz_reader *reader, struct trace_digest *digest);

/* Returns whether both have the same rows of every generation and kind. If except_kind is not 0,
 * `first` must have no rows of that kind in except_generation. */
bool trace_digest_same_rows(const struct trace_digest *first, const struct trace_digest *second,
			    uint32_t except_generation, uint32_t except_kind);

#endif
