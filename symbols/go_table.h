/* symbols/go_table.h - .gopclntab: the functions of a Go program, and how far each moves the stack
 * pointer
 *
 * Go's linker leaves it in when it strips symbols and DWARF, because Go's own tracebacks need it:
 * so it names and unwinds programs that have nothing else. Formats of Go 1.16, 1.18 and 1.20 (which
 * is current). */
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
	uint64_t text_address; /* what the addresses of functions count from */
	uint64_t function_count;
	uint64_t names_offset; /* the others from the start of the section */
	uint64_t deltas_offset;
	uint64_t functions_offset;
	unsigned int address_bytes; /* 4 or 8, of a function's address in the tables */
	unsigned int quantum;       /* what distances between instructions are counted in */
};

/* NOT_FOUND if the file has no such table of a version that is known. */
MUST_CHECK enum symbols_status go_table_load(const struct elf_image *image,
					     struct go_table *ret_table);

/* A zeroed or released table may be released again. */
void go_table_release(struct go_table *table);

/* Notes the functions that are special_functions. */
void go_table_note_landmarks(const struct go_table *table,
			     struct special_functions *special_functions);

/* The function that holds `address`; its name lives as long as the table. */
MUST_CHECK bool go_table_find(const struct go_table *table, uint64_t address,
			      struct function *ret_function);

/* As cfi_find_row(): where the caller's frame begins and its return address lies; nothing else is
 * known. */
MUST_CHECK enum symbols_status go_table_find_row(const struct go_table *table, uint64_t address,
						 uint32_t *steps_left, struct cfi_row *ret_row);

#endif
