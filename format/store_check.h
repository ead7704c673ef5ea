/* format/store_check.h - decodes all blocks to find their damage */
#ifndef FORMAT_STORE_CHECK_H
#define FORMAT_STORE_CHECK_H

#include "format/store.h"

/* Decodes every usable block, so that the damage of the store is complete. Returns DZ_OK also if
 * blocks are damaged; DZ_IO, DZ_LIMIT, DZ_NO_MEMORY. */
DZ_MUST_CHECK enum dz_status dz_store_check(struct dz_store *store);

/* Checks the blocks of the index as dz_store_check() does: nothing else reads them. */
DZ_MUST_CHECK enum dz_status dz_store_check_index(struct dz_store *store);

#endif
