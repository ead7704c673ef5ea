/* symbols/go_table.h - .gopclntab: the functions of a Go program and their stack pointer deltas
 *
 * Go's linker keeps this table when it strips symbols and DWARF, because Go's tracebacks need it.
 * So it provides names and rows for programs without other information. The formats of Go 1.16,
 * 1.18 and 1.20 (the current one) are read. */
#ifndef SYMBOLS_GO_TABLE_H
#define SYMBOLS_GO_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/cfi_types.h"
#include "symbols/elf_image.h"
#include "symbols/function_table.h"
#include "symbols/special_functions.h"
#include "symbols/status.h"

#define GO_TABLE_MAX_BYTES (24u << 20)

struct go_table {
	uint8_t *bytes;
	size_t size_bytes;
	uint64_t text_address; /* base of the functions' addresses */
	uint64_t function_count;
	uint64_t names_offset; /* the offsets are from the start of the section */
	uint64_t names_end;
	uint64_t deltas_offset;
	uint64_t functions_offset;
	unsigned int address_bytes; /* 4 or 8, of a function's address in the tables */
	unsigned int quantum;       /* unit of distances between instructions, in bytes */
};

/* Loads the table; the caller must call go_table_release(). Returns NOT_FOUND if the file has none,
 * or of an unknown version, CORRUPT, or an error of elf_image_load_section(). */
MUST_CHECK enum symbols_status go_table_load(const struct elf_image *image,
					     struct go_table *ret_table);

/* Frees the memory and zeroes the table, which may be zeroed already. */
void go_table_release(struct go_table *table);

/* Adds the functions of the table that are special to *special_functions. */
void go_table_note_special_functions(const struct go_table *table,
				     struct special_functions *special_functions);

/* Finds the function that covers `address`. Its name lives as long as the table. Returns false if
 * there is none. */
MUST_CHECK bool go_table_find(const struct go_table *table, uint64_t address,
			      struct function *ret_function);

/* Like cfi_find_row(). The row has rules for the CFA, the stack pointer and the return address
 * only.
 */
MUST_CHECK enum symbols_status go_table_find_row(const struct go_table *table, uint64_t address,
						 uint32_t *steps_left, struct cfi_row *ret_row);

#endif
