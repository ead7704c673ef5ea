/* format/walk.h - finds the blocks of a file, whole or damaged, by their headers (dz(5), READING)
 */
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

/* The blocks of a file, in file order, and which of them can be used, in order of sequence. */
struct dz_walk {
	struct dz_file_header header; /* all 0 but the file id if it is damaged */
	bool header_sound;
	uint64_t file_id;
	struct dz_block_info *blocks;
	bool *unusable; /* for each block: told already, not to be read */
	size_t count;
	size_t capacity;
	uint32_t *order; /* indexes of the usable blocks, by sequence number */
	size_t order_count;
	bool closed; /* a sound trailer ends the file */
	struct dz_trailer trailer;
};

/* Walks the whole file. What is wrong goes to damage; the memory that blocks and damage need is
 * counted. DZ_TRUNCATED, DZ_CORRUPT, DZ_FOREIGN, DZ_UNSUPPORTED: the header, and no block is sound;
 * DZ_LIMIT, DZ_IO, DZ_NO_MEMORY. Release it also after an error. */
DZ_MUST_CHECK enum dz_status dz_walk_run(const struct dz_source *source, struct dz_budget *budget,
					 struct dz_damage_list *damage, struct dz_walk *walk);

/* A zeroed or released one may be released again. */
void dz_walk_release(struct dz_walk *walk);

#endif
