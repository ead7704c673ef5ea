/* symbols/cfi_index.h - the entries of a call frame section by address */
#ifndef SYMBOLS_CFI_INDEX_H
#define SYMBOLS_CFI_INDEX_H

#include <stdint.h>

#include "symbols/cfi_types.h"
#include "symbols/elf_image.h"
#include "symbols/status.h"

/* Sets base_address, entries and entry_count of a section whose bytes are loaded. Uses the linker's
 * table (.eh_frame_hdr) if it is valid and sorted, otherwise walks all records. Returns NOT_FOUND
 * if the section has no entry, MEMORY_LIMIT or NO_MEMORY. */
MUST_CHECK enum symbols_status cfi_index_build(const struct elf_image *image,
					       struct cfi_section *section);

/* Returns the last entry that starts at or before `address`, or NULL. It may end before the
 * address: its record has the size. */
const struct cfi_entry *cfi_index_find(const struct cfi_section *section, uint64_t address);

/* Returns the start of the first entry above `address` (as linked); UINT64_MAX if there is none. */
uint64_t cfi_index_next_start(const struct cfi_section *section, uint64_t address);

/* Finds .eh_frame through PT_GNU_EH_FRAME, without section headers. The size is that of the rest of
 * its segment. Returns NOT_FOUND if the file has no usable .eh_frame_hdr, or an error of
 * elf_image_read(). */
MUST_CHECK enum symbols_status cfi_index_locate_eh_frame(const struct elf_image *image,
							 struct elf_section *ret_section);

#endif
