/* format/walk.c - finds the blocks of a file by their headers
 *
 * The walk reads only headers while each block ends at the end of the file, or where a valid header
 * or trailer starts. Otherwise it reads the payload. If the checksum is wrong, the length in the
 * header can be wrong too: the walk searches for the next valid header behind this one.
 *
 * Example: a file of 738 bytes. 50 bytes of the payload of block 1 are missing.
 *
 *     offset    0  file header, 128 bytes
 *             128  block 0: header 72, payload 100 bytes
 *             300  block 1: header 72, payload 200 bytes, of which 150 are left
 *             522  block 2: header 72, payload 80 bytes
 *             674  trailer, 64 bytes
 *
 * Block 0 ends at 300, where a valid header starts: it is accepted. Block 1 would end at 572,
 * inside the header of block 2: its checksum is computed and is wrong. The search starts at 372,
 * behind the header of block 1, looks at each offset for one of the three frame magics, and finds
 * block 2 at 522. The 222 bytes from 300 on are reported as damage. Block 2 ends at 674, where a
 * valid trailer starts. A wrong byte in the payload of block 1, without a change of its length, is
 * found later, when the block is decoded.
 *
 * At the end, the usable blocks are sorted by sequence number: 0, 2. The missing number 1 is not
 * reported again, because the damage lies before block 2.
 */
#include "format/walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "format/crc32c.h"
#include "format/limits.h"
#include "format/window.h"
#include <dz/schema.h>

/* The largest of block header, trailer and file header. */
#define LOOK_BYTES DZ_FILE_HEADER_BYTES

/* What an offset of the file holds. */
enum place_kind {
	PLACE_DAMAGE,
	PLACE_BLOCK,
	PLACE_TRUNCATED_BLOCK, /* a valid header whose payload exceeds the end of the file */
	PLACE_FILE_HEADER,
	PLACE_TRAILER,
};

struct place {
	enum place_kind kind;
	uint64_t offset;
	uint64_t size_bytes; /* with the payload; 0 for damage */
	struct dz_block_header block;
	struct dz_trailer trailer;
};

struct walker {
	const struct dz_source *source;
	struct dz_budget *budget;
	struct dz_damage_list *damage;
	struct dz_walk *walk;
	/* Two windows: looking at the end of a block must not discard what the search has read. */
	struct dz_window *probe;
	struct dz_window *scan;
	uint64_t checksummed_bytes;
};

static const char *const check_phrases[] = {
	[DZ_CORRUPT] = "invalid block header",
	[DZ_UNSUPPORTED] = "block that requires a newer reader",
	[DZ_LIMIT] = "block that exceeds a limit of the format",
};

static enum dz_status report(struct walker *walker, uint64_t offset, uint64_t size_bytes,
			     enum dz_status status, const char *what)
{
	struct dz_damage damage = {
		.offset = offset, .size_bytes = size_bytes, .status = status, .what = what};
	size_t capacity = walker->damage->capacity;

	if (!dz_damage_add(walker->damage, &damage))
		return DZ_NO_MEMORY;
	if (!dz_budget_take(walker->budget, (walker->damage->capacity - capacity) * sizeof(damage)))
		return DZ_LIMIT;
	return DZ_OK;
}

static void classify_block(const struct walker *walker, const uint8_t *in, struct place *place)
{
	uint64_t left = walker->source->size_bytes - place->offset;

	if (dz_block_header_decode(in, &place->block) != DZ_OK)
		return;
	place->size_bytes = (uint64_t)DZ_BLOCK_HEADER_BYTES + place->block.stored_bytes;
	place->kind = place->size_bytes <= left ? PLACE_BLOCK : PLACE_TRUNCATED_BLOCK;
}

/* Finds out what an offset holds. */
static enum dz_status classify(const struct walker *walker, struct dz_window *window,
			       uint64_t offset, struct place *ret_place)
{
	struct place place = {.kind = PLACE_DAMAGE, .offset = offset};
	struct dz_file_header ignored;
	struct cursor cursor;
	size_t left;
	enum dz_status status =
		dz_window_look(window, offset, LOOK_BYTES,
			       window == walker->scan ? DZ_WINDOW_BYTES : LOOK_BYTES, &cursor);

	if (status != DZ_OK)
		return status;
	left = cursor_left(&cursor);
	if (left >= DZ_BLOCK_HEADER_BYTES)
		classify_block(walker, cursor.at, &place);
	if (place.kind == PLACE_DAMAGE && left >= DZ_TRAILER_BYTES &&
	    dz_trailer_decode(cursor.at, &place.trailer) == DZ_OK) {
		place.kind = PLACE_TRAILER;
		place.size_bytes = DZ_TRAILER_BYTES;
	}
	if (place.kind == PLACE_DAMAGE && left >= DZ_FILE_HEADER_BYTES) {
		status = dz_file_header_decode(cursor.at, &ignored);
		if (status == DZ_OK || status == DZ_UNSUPPORTED) {
			place.kind = PLACE_FILE_HEADER;
			place.size_bytes = DZ_FILE_HEADER_BYTES;
		}
	}
	*ret_place = place;
	return DZ_OK;
}

/* Returns whether one of the three frame magics is at the cursor. */
static bool can_start_here(struct cursor *cursor)
{
	struct cursor ahead = *cursor;
	uint32_t magic = cursor_u32(&ahead);

	return !ahead.failed && magic - DZ_BLOCK_MAGIC <= DZ_TRAILER_MAGIC - DZ_BLOCK_MAGIC;
}

/* Moves the cursor and *offset to the next frame magic. Returns false if there is none before `end`
 * or in memory. */
static bool skip_to_candidate(struct cursor *cursor, uint64_t *offset, uint64_t end)
{
	while (cursor_left(cursor) >= sizeof(uint32_t) && *offset < end) {
		if (can_start_here(cursor))
			return true;
		(void)cursor_u8(cursor);
		++*offset;
	}
	return false;
}

/* Sets *ret_offset to the next frame magic from `start` on, or to `end` if there is none before. */
static enum dz_status next_candidate(const struct walker *walker, uint64_t start, uint64_t end,
				     uint64_t *ret_offset)
{
	*ret_offset = end;
	while (start < end && walker->source->size_bytes - start >= sizeof(uint32_t)) {
		struct cursor cursor;
		enum dz_status status = dz_window_look(walker->scan, start, sizeof(uint32_t),
						       DZ_WINDOW_BYTES, &cursor);

		if (status != DZ_OK)
			return status;
		if (skip_to_candidate(&cursor, &start, end)) {
			*ret_offset = start;
			break;
		}
	}
	return DZ_OK;
}

/* Finds the next whole block, file header or trailer; otherwise damage at `end`. */
static enum dz_status find_valid(struct walker *walker, uint64_t start, uint64_t end,
				 struct place *ret_place)
{
	for (;;) {
		enum dz_status status = next_candidate(walker, start, end, &start);

		if (status != DZ_OK || start >= end) {
			*ret_place = (struct place){.kind = PLACE_DAMAGE, .offset = end};
			return status;
		}
		status = classify(walker, walker->scan, start, ret_place);
		if (status != DZ_OK ||
		    (ret_place->kind != PLACE_DAMAGE && ret_place->kind != PLACE_TRUNCATED_BLOCK))
			return status;
		start++;
	}
}

static enum dz_status checksum_payload(struct walker *walker, const struct place *place,
				       bool *ret_valid)
{
	uint64_t budget = walker->source->size_bytes * DZ_LIMIT_WALK_CHECKSUMS;
	size_t size = place->block.stored_bytes;
	enum dz_status status;
	uint8_t *payload;

	*ret_valid = false;
	if (size > DZ_LIMIT_STORED_BYTES || size > budget - walker->checksummed_bytes)
		return DZ_OK;
	walker->checksummed_bytes += size;
	payload = malloc(size + 1);
	if (!payload)
		return DZ_NO_MEMORY;
	status = walker->source->read_at(walker->source->context,
					 place->offset + DZ_BLOCK_HEADER_BYTES, payload, size);
	if (status == DZ_OK)
		*ret_valid = dz_crc32c(payload, size) == place->block.payload_crc;
	free(payload);
	return status;
}

/* Checks whether the length in the header of a block can be right. */
static enum dz_status confirm(struct walker *walker, const struct place *place, bool *ret_valid)
{
	uint64_t end = place->offset + place->size_bytes;
	struct place next;
	enum dz_status status;

	*ret_valid = true;
	if (end == walker->source->size_bytes)
		return DZ_OK;
	status = classify(walker, walker->probe, end, &next);
	if (status != DZ_OK || next.kind != PLACE_DAMAGE)
		return status;
	return checksum_payload(walker, place, ret_valid);
}

/* Both arrays have the same capacity. */
static bool grow(struct dz_walk *walk)
{
	size_t capacity = walk->capacity;
	struct dz_block_info *blocks = array_grow(walk->blocks, &capacity, walk->count + 1,
						  sizeof(*blocks), DZ_LIMIT_BLOCKS);
	bool *unusable;

	if (!blocks)
		return false;
	walk->blocks = blocks;
	unusable = array_grow(walk->unusable, &walk->capacity, walk->count + 1, sizeof(*unusable),
			      DZ_LIMIT_BLOCKS);
	if (!unusable)
		return false;
	walk->unusable = unusable;
	return true;
}

static enum dz_status make_room(struct walker *walker)
{
	struct dz_walk *walk = walker->walk;
	size_t added = walk->capacity ? walk->capacity : ARRAY_FIRST_CAPACITY;

	if (walk->count < walk->capacity)
		return DZ_OK;
	if (walk->count >= DZ_LIMIT_BLOCKS ||
	    !dz_budget_take(walker->budget,
			    added * (sizeof(*walk->blocks) + sizeof(*walk->unusable) +
				     sizeof(*walk->order))))
		return DZ_LIMIT;
	return grow(walk) ? DZ_OK : DZ_NO_MEMORY;
}

static enum dz_status accept_block(struct walker *walker, const struct place *place)
{
	const struct dz_block_header *header = &place->block;
	struct dz_walk *walk = walker->walk;
	enum dz_status status;

	if (header->file_id != walk->file_id)
		return report(walker, place->offset, place->size_bytes, DZ_FOREIGN,
			      "blocks of another file");
	status = make_room(walker);
	if (status != DZ_OK)
		return status;
	walk->blocks[walk->count] = (struct dz_block_info){
		.offset = place->offset,
		.kind = header->kind,
		.generation = header->generation,
		.sequence = header->sequence,
		.stored_bytes = header->stored_bytes,
		.raw_bytes = header->raw_bytes,
		.records = header->records,
		.first = header->first,
		.last = header->last,
	};
	status = dz_block_header_check(header);
	walk->unusable[walk->count++] = status != DZ_OK;
	if (status != DZ_OK)
		return report(walker, place->offset, place->size_bytes, status,
			      check_phrases[status]);
	walk->raw_bytes += header->raw_bytes;
	walk->records += header->records;
	return DZ_OK;
}

static enum dz_status accept_trailer(struct walker *walker, const struct place *place)
{
	const struct dz_trailer *trailer = &place->trailer;
	bool last = place->offset + DZ_TRAILER_BYTES == walker->source->size_bytes;

	if (trailer->file_id != walker->walk->file_id)
		return report(walker, place->offset, place->size_bytes, DZ_FOREIGN,
			      "trailer of another file");
	if (!last || trailer->offset != place->offset || trailer->reserved ||
	    trailer->flags & ~DZ_TRAILER_FLAGS)
		return report(walker, place->offset, place->size_bytes, DZ_CORRUPT,
			      "trailer that does not match its position");
	walker->walk->trailer = *trailer;
	walker->walk->closed = trailer->flags & DZ_TRAILER_CLEAN;
	return DZ_OK;
}

static enum dz_status accept(struct walker *walker, const struct place *place)
{
	switch (place->kind) {
	case PLACE_BLOCK:
		return accept_block(walker, place);
	case PLACE_TRAILER:
		return accept_trailer(walker, place);
	case PLACE_FILE_HEADER:
	case PLACE_TRUNCATED_BLOCK:
	case PLACE_DAMAGE:
		break;
	}
	return report(walker, place->offset, place->size_bytes, DZ_FOREIGN,
		      "file header inside the file");
}

static enum dz_status skip_damage(struct walker *walker, const struct place *place,
				  uint64_t *ret_next)
{
	uint64_t size = walker->source->size_bytes;
	bool header = place->kind == PLACE_BLOCK || place->kind == PLACE_TRUNCATED_BLOCK;
	const char *what = "bytes outside any block";
	enum dz_status damage = DZ_CORRUPT;
	struct place next;
	enum dz_status status = find_valid(
		walker, place->offset + (header ? DZ_BLOCK_HEADER_BYTES : 1), size, &next);

	if (status != DZ_OK)
		return status;
	if (next.offset == size && (place->kind == PLACE_TRUNCATED_BLOCK ||
				    size - place->offset < DZ_BLOCK_HEADER_BYTES)) {
		what = "file ends inside a block";
		damage = DZ_TRUNCATED;
	} else if (header) {
		what = "truncated block, or damaged payload";
	}
	*ret_next = next.offset;
	return report(walker, place->offset, next.offset - place->offset, damage, what);
}

static enum dz_status walk_from(struct walker *walker, uint64_t offset)
{
	while (offset < walker->source->size_bytes) {
		struct place place = {0};
		enum dz_status status = classify(walker, walker->probe, offset, &place);
		bool valid = place.kind != PLACE_DAMAGE && place.kind != PLACE_TRUNCATED_BLOCK;

		if (status == DZ_OK && place.kind == PLACE_BLOCK)
			status = confirm(walker, &place, &valid);
		if (status != DZ_OK)
			return status;
		if (valid) {
			status = accept(walker, &place);
			offset += place.size_bytes;
		} else {
			status = skip_damage(walker, &place, &offset);
		}
		if (status != DZ_OK)
			return status;
	}
	return DZ_OK;
}

/* The file header is damaged: uses the file id of the first valid block. */
static enum dz_status adopt_first_block(struct walker *walker, enum dz_status header_status,
					uint64_t *ret_start)
{
	uint64_t size = walker->source->size_bytes;
	uint64_t end = size < DZ_LIMIT_SEARCH_BYTES ? size : DZ_LIMIT_SEARCH_BYTES;
	uint64_t start = 0;
	struct place place;

	for (;;) {
		enum dz_status status = find_valid(walker, start, end, &place);

		if (status != DZ_OK)
			return status;
		if (place.offset >= end)
			return header_status;
		if (place.kind == PLACE_BLOCK)
			break;
		start = place.offset + 1;
	}
	walker->walk->file_id = place.block.file_id;
	*ret_start = place.offset;
	return report(walker, 0, place.offset, DZ_CORRUPT, "file header");
}

static enum dz_status start_walk(struct walker *walker, uint64_t *ret_start)
{
	struct dz_walk *walk = walker->walk;
	struct cursor cursor;
	size_t left;
	enum dz_status status = dz_window_look(walker->probe, 0, DZ_FILE_HEADER_BYTES,
					       DZ_FILE_HEADER_BYTES, &cursor);

	if (status != DZ_OK)
		return status;
	left = cursor_left(&cursor);
	if (left < DZ_FILE_HEADER_BYTES)
		return dz_file_header_starts(cursor.at, left) ? DZ_TRUNCATED : DZ_FOREIGN;
	status = dz_file_header_decode(cursor.at, &walk->header);
	if (status == DZ_UNSUPPORTED)
		return status;
	if (status != DZ_OK)
		return adopt_first_block(walker, status, ret_start);
	walk->header_valid = true;
	walk->file_id = dz_file_header_id(&walk->header);
	*ret_start = DZ_FILE_HEADER_BYTES;
	return DZ_OK;
}

struct ordered_block {
	uint32_t sequence;
	uint32_t index;
};

static int compare_sequence(const void *left, const void *right)
{
	const struct ordered_block *a = left;
	const struct ordered_block *b = right;

	if (a->sequence != b->sequence)
		return a->sequence < b->sequence ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* Reports a block once: it can break more than one rule. */
static enum dz_status report_block(struct walker *walker, uint32_t index, enum dz_status damage,
				   const char *what)
{
	const struct dz_block_info *block = &walker->walk->blocks[index];

	if (walker->walk->unusable[index])
		return DZ_OK;
	walker->walk->unusable[index] = true;
	return report(walker, block->offset, (uint64_t)DZ_BLOCK_HEADER_BYTES + block->stored_bytes,
		      damage, what);
}

/* Reports usable blocks that follow blocks with greater sequence numbers. They are decoded. */
static enum dz_status report_misplaced(struct walker *walker)
{
	const struct dz_walk *walk = walker->walk;
	uint32_t greatest = 0;
	enum dz_status status = DZ_OK;

	for (size_t i = 0; i < walk->count && status == DZ_OK; i++) {
		const struct dz_block_info *block = &walk->blocks[i];

		if (walk->unusable[i])
			continue;
		if (block->sequence < greatest)
			status = report(walker, block->offset, 0, DZ_CORRUPT, "block out of order");
		else
			greatest = block->sequence;
	}
	return status;
}

static uint64_t block_end(const struct dz_block_info *block)
{
	return block->offset + DZ_BLOCK_HEADER_BYTES + block->stored_bytes;
}

static enum dz_status report_gap(struct walker *walker, const struct dz_walk_sequence *sequence,
				 uint64_t number, uint64_t offset)
{
	if (number <= sequence->next || offset > sequence->end)
		return DZ_OK;
	return report(walker, offset, 0, DZ_CORRUPT, "missing blocks before this offset");
}

static enum dz_status check_rules(struct walker *walker, struct dz_walk_sequence *sequence,
				  uint32_t index)
{
	const struct dz_block_info *block = &walker->walk->blocks[index];

	if (block->generation < sequence->generation)
		return report_block(walker, index, DZ_CORRUPT, "block of an earlier generation");
	if (block->generation > sequence->generation)
		memset(sequence->last, 0, sizeof(sequence->last));
	sequence->generation = block->generation;
	if (block->kind >= DZ_KIND_FIRST_NOT_DICTIONARY)
		return DZ_OK;
	if (block->first <= sequence->last[block->kind])
		return report_block(walker, index, DZ_CORRUPT,
				    "dictionary with identifiers already in use");
	sequence->last[block->kind] = block->last;
	return DZ_OK;
}

/* Puts a block behind those before it in `order`, if it is usable. */
static enum dz_status put_behind(struct walker *walker, uint32_t index)
{
	struct dz_walk *walk = walker->walk;
	struct dz_walk_sequence *sequence = &walk->sequence;
	const struct dz_block_info *block = &walk->blocks[index];
	enum dz_status status;

	if (block->sequence < sequence->next)
		return report_block(walker, index, DZ_CORRUPT, "duplicate block");
	status = report_gap(walker, sequence, block->sequence, block->offset);
	sequence->next = (uint64_t)block->sequence + 1;
	sequence->end = block_end(block);
	if (status == DZ_OK && !walk->unusable[index])
		status = check_rules(walker, sequence, index);
	if (!walk->unusable[index])
		walk->order[walk->order_count++] = index;
	return status;
}

static enum dz_status check_sequence(struct walker *walker, const struct ordered_block *sorted,
				     size_t count, uint64_t start)
{
	struct dz_walk *walk = walker->walk;
	enum dz_status status = DZ_OK;

	walk->sequence.end = start;
	for (size_t i = 0; i < count && status == DZ_OK; i++)
		status = put_behind(walker, sorted[i].index);
	if (status == DZ_OK && walk->closed)
		status = report_gap(walker, &walk->sequence, walk->trailer.blocks,
				    walk->trailer.offset);
	return status;
}

static enum dz_status put_in_order(struct walker *walker, uint64_t start)
{
	struct dz_walk *walk = walker->walk;
	struct ordered_block *sorted = calloc(walk->count + 1, sizeof(*sorted));
	enum dz_status status;

	walk->order = calloc(walk->count + 1, sizeof(*walk->order));
	if (!sorted || !walk->order) {
		free(sorted);
		return DZ_NO_MEMORY;
	}
	for (size_t i = 0; i < walk->count; i++)
		sorted[i] = (struct ordered_block){.sequence = walk->blocks[i].sequence,
						   .index = (uint32_t)i};
	qsort(sorted, walk->count, sizeof(*sorted), compare_sequence);
	status = check_sequence(walker, sorted, walk->count, start);
	free(sorted);
	return status == DZ_OK ? report_misplaced(walker) : status;
}

static bool within_file_limits(const struct walker *walker)
{
	uint64_t size = walker->source->size_bytes;

	return walker->walk->raw_bytes <=
		       DZ_LIMIT_FILE_RAW_BYTES + size * DZ_LIMIT_FILE_RAW_BYTES_PER_BYTE &&
	       walker->walk->records <=
		       DZ_LIMIT_FILE_RECORDS + size * DZ_LIMIT_FILE_RECORDS_PER_BYTE;
}

/* The caller frees walker->probe. */
static bool open_windows(struct walker *walker)
{
	walker->probe = calloc(2, sizeof(*walker->probe));
	if (!walker->probe)
		return false;
	walker->scan = walker->probe + 1;
	walker->probe->source = walker->source;
	walker->scan->source = walker->source;
	return true;
}

/* Accepts what is complete from walk->end on. Something shorter than the largest header, or a block
 * whose payload is not all there, can still grow. */
static enum dz_status walk_growing(struct walker *walker)
{
	const uint64_t size = walker->source->size_bytes;
	uint64_t *end = &walker->walk->end;
	enum dz_status status = DZ_OK;

	while (status == DZ_OK && *end < size && !walker->walk->closed) {
		struct place place = {0};

		status = classify(walker, walker->probe, *end, &place);
		if (status != DZ_OK || place.kind == PLACE_TRUNCATED_BLOCK ||
		    (place.kind == PLACE_DAMAGE && size - *end < LOOK_BYTES))
			break;
		if (place.kind == PLACE_DAMAGE) {
			status = skip_damage(walker, &place, end);
		} else {
			status = accept(walker, &place);
			*end += place.size_bytes;
		}
	}
	return status;
}

/* Puts the blocks from `first` on in order. They are in the order in which they were written. */
static enum dz_status put_new_in_order(struct walker *walker, size_t first)
{
	struct dz_walk *walk = walker->walk;
	enum dz_status status = DZ_OK;
	uint32_t *order = realloc(walk->order, (walk->count + 1) * sizeof(*order));

	if (!order)
		return DZ_NO_MEMORY;
	walk->order = order;
	for (size_t i = first; i < walk->count && status == DZ_OK; i++)
		status = put_behind(walker, (uint32_t)i);
	return status;
}

enum dz_status dz_walk_grow(const struct dz_source *source, struct dz_budget *budget,
			    struct dz_damage_list *damage, struct dz_walk *walk)
{
	struct walker walker = {.source = source, .budget = budget, .damage = damage, .walk = walk};
	const size_t first = walk->count;
	enum dz_status status = DZ_OK;

	if (!open_windows(&walker))
		return DZ_NO_MEMORY;
	if (walk->end == 0)
		status = start_walk(&walker, &walk->end);
	walk->sequence.end = walk->sequence.end ? walk->sequence.end : walk->end;
	if (status == DZ_OK)
		status = walk_growing(&walker);
	if (status == DZ_OK && !within_file_limits(&walker))
		status = DZ_LIMIT;
	if (status == DZ_OK)
		status = put_new_in_order(&walker, first);
	free(walker.probe);
	return status;
}

enum dz_status dz_walk_begin(const struct dz_source *source, struct dz_budget *budget,
			     struct dz_damage_list *damage, struct dz_walk *walk)
{
	memset(walk, 0, sizeof(*walk));
	return dz_walk_grow(source, budget, damage, walk);
}

enum dz_status dz_walk_run(const struct dz_source *source, struct dz_budget *budget,
			   struct dz_damage_list *damage, struct dz_walk *walk)
{
	struct walker walker = {.source = source, .budget = budget, .damage = damage, .walk = walk};
	enum dz_status status;
	uint64_t start;

	memset(walk, 0, sizeof(*walk));
	if (!open_windows(&walker))
		return DZ_NO_MEMORY;
	status = start_walk(&walker, &start);
	if (status == DZ_OK)
		status = walk_from(&walker, start);
	if (status == DZ_OK && !within_file_limits(&walker))
		status = DZ_LIMIT;
	if (status == DZ_OK)
		status = put_in_order(&walker, start);
	free(walker.probe);
	return status;
}

void dz_walk_release(struct dz_walk *walk)
{
	free(walk->blocks);
	free(walk->unusable);
	free(walk->order);
	*walk = (struct dz_walk){0};
}
