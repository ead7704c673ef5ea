/* symbols/plt.h - names of the stubs that call functions of other files: func@plt */
#ifndef SYMBOLS_PLT_H
#define SYMBOLS_PLT_H

#include "symbols/elf_image.h"
#include "symbols/function_table.h"
#include "symbols/status.h"

#define PLT_MAX_BYTES       (4u << 20)
#define PLT_RELOCATIONS_MAX 200000u

/* Adds a function for each stub with a known target. Returns NO_MEMORY, MEMORY_LIMIT, TIMEOUT,
 * otherwise OK: the names are optional. */
MUST_CHECK enum symbols_status plt_add_functions(struct function_table_builder *builder,
						 const struct elf_image *image);

#endif
