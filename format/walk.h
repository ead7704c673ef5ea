/* format/walk.h - finds the blocks of a file by their headers (dz(5), READING) */
#ifndef FORMAT_WALK_H
#define FORMAT_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "format/block_header.h"
#include "format/budget.h"
#include "format/damage.h"
#include <dz/reader.h>
#include <dz/trailer.h>

/* What the blocks so far require of the next one. */
struct dz_walk_sequence {
	uint64_t next; /* expected sequence number */
	uint64_t end;  /* offset behind the previous block */
	uint32_t generation;
	uint64_t last[DZ_KIND_FIRST_NOT_DICTIONARY]; /* greatest identifier, by kind */
};

/* The blocks of a file, in file order, and the usable ones, in order of sequence. */
struct dz_walk {
	struct dz_file_header header; /* all 0 if it is damaged */
	bool header_valid;
	uint64_t file_id;
	struct dz_block_info *blocks;
	bool *unusable; /* by block: reported as damage, must not be decoded */
	size_t count;
	size_t capacity;
	uint32_t *order; /* indexes of the usable blocks, by sequence number */
	size_t order_count;
	bool closed; /* a valid trailer with DZ_TRAILER_CLEAN ends the file */
	struct dz_trailer trailer;
	uint64_t end;       /* offset up to which the file has been walked */
	uint64_t raw_bytes; /* of all blocks */
	uint64_t records;
	struct dz_walk_sequence sequence;
};

/* Walks the whole file and adds to *damage. Takes the memory of blocks and damage from *budget.
 * Returns DZ_TRUNCATED or DZ_FOREIGN for a file shorter than its header; DZ_UNSUPPORTED for the
 * header; DZ_CORRUPT or DZ_FOREIGN if the header is invalid and no valid block is found; DZ_LIMIT,
 * DZ_IO, DZ_NO_MEMORY. The caller must release *walk, also after an error. */
DZ_MUST_CHECK enum dz_status dz_walk_run(const struct dz_source *source, struct dz_budget *budget,
					 struct dz_damage_list *damage, struct dz_walk *walk);

/* Like dz_walk_run(), for a file that a recorder is still writing: stops without damage before what
 * can become a block. Then dz_walk_grow() continues there, with the file's new size in *source.
 * Both return DZ_TRUNCATED and find nothing if the file header is not there yet. */
DZ_MUST_CHECK enum dz_status dz_walk_begin(const struct dz_source *source, struct dz_budget *budget,
					   struct dz_damage_list *damage, struct dz_walk *walk);
DZ_MUST_CHECK enum dz_status dz_walk_grow(const struct dz_source *source, struct dz_budget *budget,
					  struct dz_damage_list *damage, struct dz_walk *walk);

/* Frees the memory. A walk that is zeroed or released can be released again. */
void dz_walk_release(struct dz_walk *walk);

#endif
