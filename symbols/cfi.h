/* symbols/cfi.h - call frame information of one ELF file: how to get from a frame to its caller
 *
 * Reads .eh_frame and .debug_frame (DWARF 5, 6.4 and the Linux Standard Base's changes to it).
 * Written here and not left to libdw because the bytes are untrusted and the reader may be root:
 * libdw takes as much memory as a register number in the file asks for (a gigabyte for thirty
 * bytes). Finding a row takes no memory at all. */
#ifndef SYMBOLS_CFI_H
#define SYMBOLS_CFI_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/cfi_types.h"
#include "symbols/elf_image.h"
#include "symbols/status.h"

#define CFI_SECTION_MAX_BYTES (24u << 20)
#define CFI_REMEMBERED_MAX    16u

/* Loads .eh_frame or .debug_frame; NOT_FOUND if the file has none. */
MUST_CHECK enum symbols_status cfi_load_eh_frame(const struct elf_image *image,
						 struct cfi_section *ret_section);
MUST_CHECK enum symbols_status cfi_load_debug_frame(const struct elf_image *image,
						    struct cfi_section *ret_section);

/* A zeroed or released section may be released again. */
void cfi_release(struct cfi_section *section);

/* Memory that the section holds. */
size_t cfi_memory_bytes(const struct cfi_section *section);

/* The row for `address` (as linked). Each instruction takes one of *steps_left: LIMIT if they are
 * used up, NOT_FOUND if no entry covers the address, CORRUPT if the entry does not hold. */
MUST_CHECK enum symbols_status cfi_find_row(const struct cfi_section *section, uint64_t address,
					    uint32_t *steps_left, struct cfi_row *ret_row);

#endif
