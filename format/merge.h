/* format/merge.h - the rows of all blocks in order of time
 *
 * A block is opened when no row that comes before its first can be left, and closed after its last,
 * so that only blocks which overlap in time are in memory together.
 */
#ifndef FORMAT_MERGE_H
#define FORMAT_MERGE_H

#include "format/rows.h"
#include "format/store.h"

struct dz_merge_options {
	uint64_t since_ns;
	uint64_t until_ns;             /* 0: no limit */
	uint64_t kinds;                /* bit n: kind n; 0: all */
	const uint64_t *wanted_fields; /* by kind number, 64 of them; NULL: all fields */
};

struct dz_merge {
	struct dz_merge_options options;
	uint32_t *blocks; /* still closed, from next on, by first time and sequence */
	size_t block_count;
	size_t next;
	struct dz_rows **heap; /* open; the one with the row to come is first */
	size_t heap_count;
	size_t heap_capacity;
	bool started;
	enum dz_status failed; /* an error that has ended the reading */
};

/* DZ_NO_MEMORY; then nothing needs to be released. The options are copied. */
DZ_MUST_CHECK enum dz_status dz_merge_open(const struct dz_store *store,
					   const struct dz_merge_options *options,
					   struct dz_merge *ret_merge);

/* The block with the next row, which is its record to come. DZ_END; the errors of store.h
 * that end the reading. Valid until the next call. */
DZ_MUST_CHECK enum dz_status dz_merge_next(struct dz_store *store, struct dz_merge *merge,
					   const struct dz_rows **ret_rows);

/* Gives the memory that its rows took back to the store. A zeroed one is allowed. */
void dz_merge_release(struct dz_store *store, struct dz_merge *merge);

#endif
