/* record/stacks/kernel_symbols.h - the function at an address of the kernel
 *
 * A BPF program prints one function. The list of all functions, some 100,000, takes longer than the
 * rest of a start, and is read only if its addresses are needed, or after KERNEL_SYMBOL_QUESTIONS
 * questions. Both say what is there when they are asked, not when an event happened.
 */
#ifndef RECORD_STACKS_KERNEL_SYMBOLS_H
#define RECORD_STACKS_KERNEL_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "record/common/symbol_source.h"
#include "symbols/kallsyms.h"

struct kernel_symbols;

/* Opens the list at `path`, /proc/kallsyms. Copies the source, and takes ownership of its
 * descriptor. If the kernel hides its addresses, there are no symbols, and no error. Returns IO and
 * sets errno, or NO_MEMORY; then *ret_symbols is NULL. */
MUST_CHECK enum symbols_status kernel_symbols_open(const char *path,
						   const struct symbol_source *source,
						   struct kernel_symbols **ret_symbols);

/* Reads the list, unless it was read. Later answers come from it. Without a list, the table stays
 * empty. Returns IO and sets errno, or NO_MEMORY. */
MUST_CHECK enum symbols_status kernel_symbols_read(struct kernel_symbols *symbols);

/* Returns the table, which is empty until kernel_symbols_read(). */
const struct kallsyms *kernel_symbols_table(const struct kernel_symbols *symbols);

/* Finds the function that is at `address` now, as kallsyms_find() does. The strings are valid until
 * the next call. Without symbols (NULL), returns false. When the answers of the source end, reads
 * the list; if that fails, prints a warning, returns false, and tries again after some thousand
 * questions. */
MUST_CHECK bool kernel_symbols_find(struct kernel_symbols *symbols, uint64_t address,
				    struct kernel_symbol *ret_symbol);

/* Frees the table and closes the descriptors. NULL is allowed. */
void kernel_symbols_free(struct kernel_symbols *symbols);

#endif
