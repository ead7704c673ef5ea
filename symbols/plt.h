/* symbols/plt.h - names for the stubs through which a file calls functions of others: func@plt */
#ifndef SYMBOLS_PLT_H
#define SYMBOLS_PLT_H

#include "symbols/elf_image.h"
#include "symbols/function_table.h"
#include "symbols/status.h"

#define PLT_MAX_BYTES       (4u << 20)
#define PLT_RELOCATIONS_MAX 200000u

/* Adds a function for each stub that can be named; a file without stubs is OK. Only NO_MEMORY is a
 * failure: names are optional. */
MUST_CHECK enum symbols_status plt_add_functions(struct function_table_builder *builder,
						 const struct elf_image *image);

#endif
