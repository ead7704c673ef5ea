/* format/merge.h - rows of all blocks in order of time
 *
 * A block is opened when its first row can be the next one, and closed after its last row. Only
 * blocks that overlap in time are in memory together.
 */
#ifndef FORMAT_MERGE_H
#define FORMAT_MERGE_H

#include "format/rows.h"
#include "format/store.h"

struct dz_merge_options {
	uint64_t since_ns;
	uint64_t until_ns;                /* 0: no limit */
	uint64_t kinds;                   /* bit n: kind n; 0: all */
	const uint64_t *wanted_fields;    /* borrowed: 64 words, by kind number; NULL: all fields */
	const struct dz_row_filter *rows; /* borrowed; NULL: all rows */
};

struct dz_merge {
	struct dz_merge_options options;
	uint32_t *blocks; /* from `next` on not opened yet; by first time and sequence */
	size_t block_count;
	size_t next;
	struct dz_rows **heap; /* open blocks; heap[0] has the next row */
	size_t heap_count;
	size_t heap_capacity;
	bool started;
	enum dz_status failed; /* error that all further calls return */
};

/* Selects and sorts the blocks; copies *options. Returns DZ_NO_MEMORY on allocation failure; then
 * nothing needs to be released. */
DZ_MUST_CHECK enum dz_status dz_merge_open(const struct dz_store *store,
					   const struct dz_merge_options *options,
					   struct dz_merge *ret_merge);

/* Sets *ret_rows to the block whose current record is the next row, valid until the next call.
 * Returns DZ_END after the last row, and the errors of format/store.h that are not damage. */
DZ_MUST_CHECK enum dz_status dz_merge_next(struct dz_store *store, struct dz_merge *merge,
					   const struct dz_rows **ret_rows);

/* Adds the blocks from `first` in the walk's order, which were found after dz_merge_open(). A row
 * that is earlier than those already returned comes next. Returns DZ_NO_MEMORY on allocation
 * failure. */
DZ_MUST_CHECK enum dz_status dz_merge_grow(const struct dz_store *store, struct dz_merge *merge,
					   size_t first);

/* Closes all blocks and frees the memory. A merge that is zeroed can be released. */
void dz_merge_release(struct dz_store *store, struct dz_merge *merge);

#endif
