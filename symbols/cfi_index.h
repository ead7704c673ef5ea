/* symbols/cfi_index.h - finds the entry of a call frame section that covers an address (internal to
 * the cfi parts) */
#ifndef SYMBOLS_CFI_INDEX_H
#define SYMBOLS_CFI_INDEX_H

#include <stdint.h>

#include "symbols/cfi_types.h"
#include "symbols/elf_image.h"
#include "symbols/status.h"

/* Fills base_address, entries and entry_count of a section whose bytes are loaded: from the table
 * that the linker made (.eh_frame_hdr) if it is one and in order, else by walking all records.
 * NOT_FOUND if it has no entry, NO_MEMORY. */
MUST_CHECK enum symbols_status cfi_index_build(const struct elf_image *image,
					       struct cfi_section *section);

/* The last entry that starts at or before `address`, or NULL. Whether it covers it, the entry's
 * record tells. */
const struct cfi_entry *cfi_index_find(const struct cfi_section *section, uint64_t address);

/* Where .eh_frame lies by PT_GNU_EH_FRAME alone; its size reaches to the end of its segment.
 * NOT_FOUND if the file does not tell; the errors of elf_image_read(). */
MUST_CHECK enum symbols_status cfi_index_locate_eh_frame(const struct elf_image *image,
							 struct elf_section *ret_section);

#endif
