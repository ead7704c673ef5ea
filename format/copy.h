/* format/copy.h - steps shared by repair, rewrite and add_lines */
#ifndef FORMAT_COPY_H
#define FORMAT_COPY_H

#include "format/emitter.h"
#include "format/store.h"

/* The zstd level of blocks that are encoded again. */
#define DZ_COPY_LEVEL 3

/* Returns the header of the copy: that of the file, or if it is damaged, one with its file id. */
struct dz_file_header dz_copy_header(const struct dz_walk *walk);

/* Returns the generation for the index of the copy. */
uint32_t dz_copy_last_generation(const struct dz_walk *walk);

/* Copies a block with a new sequence number. Returns the errors of format/store.h and of the
 * sink. */
DZ_MUST_CHECK enum dz_status dz_copy_block(struct dz_store *store, uint32_t block,
					   struct dz_emitter *emitter);

/* Returns the header fields that a copied or rewritten block keeps: not sizes and checksum. */
struct dz_block_header dz_copy_block_header(const struct dz_block_info *info);

#endif
