/* format/merge.c - rows of all blocks in order of time
 *
 * The blocks are sorted by their first time, which their headers have. Open blocks form a heap; the
 * one with the earliest current row is at its top. Before a row is returned, every block is opened
 * whose first time is not later than the row at the top.
 *
 * Example: three blocks with the times A = 1 4 9, B = 3 5, C = 8 10.
 *
 *     opened, because            heap after opening   returned
 *     A, the heap is empty       A1                   A1
 *     B, 3 <= 4                  B3 A4                B3
 *                                A4 B5                A4
 *                                B5 A9                B5, the last of B: it is closed
 *     C, 8 <= 9                  C8 A9                C8
 *                                A9 C10               A9, the last of A: it is closed
 *                                C10                  C10
 *
 * At equal times, the block with the lower sequence number comes first.
 */
#include "format/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static bool kind_wanted(const struct dz_merge_options *options, uint32_t kind)
{
	if (!options->kinds)
		return true;
	return kind < 64 && (options->kinds >> kind & 1);
}

static bool block_wanted(const struct dz_store *store, const struct dz_merge_options *options,
			 uint32_t index)
{
	const struct dz_block_info *block = &store->walk.blocks[index];
	const struct dz_file_kind *kind;

	if (block->kind < DZ_KIND_FIRST_NOT_DICTIONARY || !kind_wanted(options, block->kind) ||
	    store->walk.unusable[index])
		return false;
	kind = dz_file_schema_find(&store->schema, block->kind);
	if (kind && !kind->timed)
		return false;
	return block->last >= options->since_ns &&
	       (!options->until_ns || block->first < options->until_ns);
}

static int compare_blocks(const void *left, const void *right, void *context)
{
	const struct dz_block_info *blocks = context;
	const struct dz_block_info *a = &blocks[*(const uint32_t *)left];
	const struct dz_block_info *b = &blocks[*(const uint32_t *)right];

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

enum dz_status dz_merge_open(const struct dz_store *store, const struct dz_merge_options *options,
			     struct dz_merge *ret_merge)
{
	struct dz_merge merge = {.options = *options};
	const struct dz_walk *walk = &store->walk;

	merge.blocks = calloc(walk->order_count + 1, sizeof(*merge.blocks));
	if (!merge.blocks)
		return DZ_NO_MEMORY;
	for (size_t i = 0; i < walk->order_count; i++) {
		if (block_wanted(store, options, walk->order[i]))
			merge.blocks[merge.block_count++] = walk->order[i];
	}
	qsort_r(merge.blocks, merge.block_count, sizeof(*merge.blocks), compare_blocks,
		walk->blocks);
	*ret_merge = merge;
	return DZ_OK;
}

enum dz_status dz_merge_grow(const struct dz_store *store, struct dz_merge *merge, size_t first)
{
	const struct dz_walk *walk = &store->walk;
	/* Those before `next` are open or done. */
	const size_t left = merge->block_count - merge->next;
	uint32_t *blocks = calloc(left + walk->order_count - first + 1, sizeof(*blocks));

	if (!blocks)
		return DZ_NO_MEMORY;
	memcpy(blocks, merge->blocks + merge->next, left * sizeof(*blocks));
	free(merge->blocks);
	merge->blocks = blocks;
	merge->block_count = left;
	merge->next = 0;
	for (size_t i = first; i < walk->order_count; i++) {
		if (block_wanted(store, &merge->options, walk->order[i]))
			blocks[merge->block_count++] = walk->order[i];
	}
	qsort_r(blocks, merge->block_count, sizeof(*blocks), compare_blocks, walk->blocks);
	return DZ_OK;
}

static bool comes_before(const struct dz_rows *a, const struct dz_rows *b)
{
	if (a->time_ns != b->time_ns)
		return a->time_ns < b->time_ns;
	return a->sequence < b->sequence;
}

static void sift_down(struct dz_merge *merge)
{
	struct dz_rows *moved = merge->heap[0];
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;

		if (child + 1 < merge->heap_count &&
		    comes_before(merge->heap[child + 1], merge->heap[child]))
			child++;
		if (child >= merge->heap_count || !comes_before(merge->heap[child], moved))
			break;
		merge->heap[at] = merge->heap[child];
		at = child;
	}
	merge->heap[at] = moved;
}

static void sift_up(struct dz_merge *merge, size_t at)
{
	struct dz_rows *moved = merge->heap[at];

	while (at && comes_before(moved, merge->heap[(at - 1) / 2])) {
		merge->heap[at] = merge->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	merge->heap[at] = moved;
}

static enum dz_status push(struct dz_merge *merge, struct dz_rows *rows)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
	const size_t item_bytes = sizeof(*merge->heap);
	struct dz_rows **heap = array_grow(merge->heap, &merge->heap_capacity,
					   merge->heap_count + 1, item_bytes, ARRAY_NO_LIMIT);

	if (!heap)
		return DZ_NO_MEMORY;
	merge->heap = heap;
	merge->heap[merge->heap_count++] = rows;
	sift_up(merge, merge->heap_count - 1);
	return DZ_OK;
}

static enum dz_status open_next_block(struct dz_store *store, struct dz_merge *merge)
{
	uint32_t block = merge->blocks[merge->next++];
	uint32_t kind = store->walk.blocks[block].kind;
	const uint64_t *fields = NULL;
	struct dz_rows *rows;
	enum dz_status status;

	if (store->walk.unusable[block])
		return DZ_OK;
	if (merge->options.wanted_fields && kind < 64)
		fields = &merge->options.wanted_fields[kind];
	status = dz_rows_open(store, block, fields, &rows);
	if (status != DZ_OK)
		return status == DZ_CORRUPT ? DZ_OK : status;
	if (merge->options.rows && merge->options.rows->kind == kind)
		dz_rows_select(rows, merge->options.rows);
	while (rows->time_ns < merge->options.since_ns) {
		if (!dz_rows_step(rows)) {
			dz_rows_close(store, rows);
			return DZ_OK;
		}
	}
	status = push(merge, rows);
	if (status != DZ_OK)
		dz_rows_close(store, rows);
	return status;
}

/* Opens every block that can hold the next row. */
static enum dz_status open_blocks(struct dz_store *store, struct dz_merge *merge)
{
	while (merge->next < merge->block_count) {
		const struct dz_block_info *block = &store->walk.blocks[merge->blocks[merge->next]];
		enum dz_status status;

		if (merge->heap_count && block->first > merge->heap[0]->time_ns)
			break;
		status = open_next_block(store, merge);
		if (status != DZ_OK)
			return status;
	}
	return DZ_OK;
}

/* Moves past the row that was returned last. */
static void advance(struct dz_store *store, struct dz_merge *merge)
{
	struct dz_rows *top = merge->heap[0];

	if (!dz_rows_step(top)) {
		dz_rows_close(store, top);
		merge->heap[0] = merge->heap[--merge->heap_count];
	}
	if (merge->heap_count > 1)
		sift_down(merge);
}

enum dz_status dz_merge_next(struct dz_store *store, struct dz_merge *merge,
			     const struct dz_rows **ret_rows)
{
	if (merge->failed != DZ_OK)
		return merge->failed;
	if (merge->started && merge->heap_count)
		advance(store, merge);
	merge->started = true;
	merge->failed = open_blocks(store, merge);
	if (merge->failed != DZ_OK)
		return merge->failed;
	if (!merge->heap_count ||
	    (merge->options.until_ns && merge->heap[0]->time_ns >= merge->options.until_ns)) {
		merge->started = false;
		return DZ_END;
	}
	*ret_rows = merge->heap[0];
	return DZ_OK;
}

void dz_merge_release(struct dz_store *store, struct dz_merge *merge)
{
	while (merge->heap_count)
		dz_rows_close(store, merge->heap[--merge->heap_count]);
	free(merge->heap);
	free(merge->blocks);
	*merge = (struct dz_merge){0};
}
