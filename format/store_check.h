/* format/store_check.h - decodes blocks for their damage only */
#ifndef FORMAT_STORE_CHECK_H
#define FORMAT_STORE_CHECK_H

#include "format/store.h"

/* Decodes every block that is not known to be damaged, so that the damage is complete. DZ_IO,
 * DZ_LIMIT, DZ_NO_MEMORY. */
DZ_MUST_CHECK enum dz_status dz_store_check(struct dz_store *store);

#endif
