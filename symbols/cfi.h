/* symbols/cfi.h - call frame information of one ELF file: the rules that find a frame's caller
 *
 * Reads .eh_frame and .debug_frame (DWARF 5, 6.4, with the changes of the Linux Standard Base). The
 * bytes are untrusted input and the reader may be root. libdw is not used, because it allocates as
 * much memory as a register number in the file asks for: a gigabyte for thirty bytes. Finding a row
 * allocates nothing. */
#ifndef SYMBOLS_CFI_H
#define SYMBOLS_CFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/cfi_types.h"
#include "symbols/elf_image.h"
#include "symbols/status.h"

#define CFI_SECTION_MAX_BYTES (24u << 20)
#define CFI_REMEMBERED_MAX    16u

/* Load .eh_frame or .debug_frame; the caller must call cfi_release(). Return NOT_FOUND if the file
 * has none, LIMIT beyond CFI_SECTION_MAX_BYTES, or an error of elf_image_load_section(). */
MUST_CHECK enum symbols_status cfi_load_eh_frame(const struct elf_image *image,
						 struct cfi_section *ret_section);
MUST_CHECK enum symbols_status cfi_load_debug_frame(const struct elf_image *image,
						    struct cfi_section *ret_section);

/* Frees the memory and zeroes the section, which may be zeroed already. */
void cfi_release(struct cfi_section *section);

/* Bytes of memory that the section holds. */
size_t cfi_memory_bytes(const struct cfi_section *section);

/* Sets *ret_row to the row for `address` (as linked). Each instruction takes one of *steps_left.
 * Returns LIMIT when none is left, NOT_FOUND if no entry covers the address, or CORRUPT if the
 * entry is invalid. */
MUST_CHECK enum symbols_status cfi_find_row(const struct cfi_section *section, uint64_t address,
					    uint32_t *steps_left, struct cfi_row *ret_row);

/* Called with a row and the addresses that it is valid for: from `start` to before `end`, as
 * linked. NULL: the entry is invalid from `start` on. The row is valid during the call. Returns
 * whether to go on. */
typedef bool (*cfi_row_visitor)(void *context, uint64_t start, uint64_t end,
				const struct cfi_row *row);

/* Visits all rows of an entry of the index in the order of their addresses, with the addresses for
 * which cfi_find_row() finds them. Each instruction takes one of *steps_left. Returns LIMIT when
 * none is left. */
MUST_CHECK enum symbols_status cfi_visit_rows(const struct cfi_section *section, size_t index,
					      uint32_t *steps_left, cfi_row_visitor visit,
					      void *context);

/* Sets *ret_start to the start of the entry that covers `address` (both as linked). Returns false
 * if none does, or the entry is invalid. */
MUST_CHECK bool cfi_find_start(const struct cfi_section *section, uint64_t address,
			       uint64_t *ret_start);

#endif
