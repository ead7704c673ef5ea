/* format/copy.h - what repairing and rewriting a file have in common */
#ifndef FORMAT_COPY_H
#define FORMAT_COPY_H

#include "format/emitter.h"
#include "format/store.h"

/* The zstd level of the blocks that are made anew. */
#define DZ_COPY_LEVEL 3

/* The header of the copy: that of the file, or if it is damaged, one that has its file id. */
struct dz_file_header dz_copy_header(const struct dz_walk *walk);

/* The generation that the copy's index belongs to. */
uint32_t dz_copy_last_generation(const struct dz_walk *walk);

/* Copies a block as it is, under a new number. As in store.h, or what the sink returns. */
DZ_MUST_CHECK enum dz_status dz_copy_block(struct dz_store *store, uint32_t block,
					   struct dz_emitter *emitter);

/* What the header of a copied or rewritten block says beside sizes and checksums. */
struct dz_block_header dz_copy_block_header(const struct dz_block_info *info);

#endif
