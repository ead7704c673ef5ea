/* symbols/cfi_record.h - the records of a call frame section: CIE and FDE (internal to cfi*.c) */
#ifndef SYMBOLS_CFI_RECORD_H
#define SYMBOLS_CFI_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "symbols/cfi_types.h"
#include "symbols/status.h"

/* A longer CIE is invalid: compilers write some tens of bytes, and each FDE can have it read. */
#define CFI_CIE_MAX_BYTES 512u

struct cfi_cie {
	uint64_t code_alignment;
	int64_t data_alignment;
	uint8_t return_register;
	uint8_t pointer_encoding; /* DW_EH_PE_..., of the addresses in FDEs */
	bool signal_frame;
	bool augmented; /* FDEs have augmentation data */
	struct cursor instructions;
};

struct cfi_fde {
	struct cfi_cie cie;
	uint64_t start; /* as linked */
	uint64_t size;
	struct cursor instructions;
};

enum cfi_record_kind {
	CFI_RECORD_END,
	CFI_RECORD_CIE,
	CFI_RECORD_FDE,
};

/* One record, split but not parsed. */
struct cfi_record {
	enum cfi_record_kind kind;
	struct cursor body;  /* what follows the id */
	uint64_t cie_offset; /* of an FDE */
	uint64_t next_offset;
};

/* Splits the record at `offset`. Its kind is END at the terminator or the end of the section.
 * Returns CORRUPT if it does not fit into the section. */
MUST_CHECK enum symbols_status cfi_record_at(const struct cfi_section *section, uint64_t offset,
					     struct cfi_record *ret_record);

/* Parses the CIE at `offset`. Returns CORRUPT if it is invalid, too long, or not a CIE. */
MUST_CHECK enum symbols_status cfi_record_cie(const struct cfi_section *section, uint64_t offset,
					      struct cfi_cie *ret_cie);

/* Parses the FDE at `offset` and its CIE. Returns CORRUPT if either is invalid. */
MUST_CHECK enum symbols_status cfi_record_fde(const struct cfi_section *section, uint64_t offset,
					      struct cfi_fde *ret_fde);

/* Reads the address range at the start of an FDE's body and moves `body` behind it. Returns CORRUPT
 * if it is incomplete or wraps. */
MUST_CHECK enum symbols_status cfi_record_range(const struct cfi_section *section,
						const struct cfi_cie *cie, struct cursor *body,
						uint64_t *ret_start, uint64_t *ret_size);

/* Reads a pointer, absolute or relative to its own address. Other encodings set `failed` of the
 * cursor. Returns 0 on failure. */
uint64_t cfi_record_pointer(const struct cfi_section *section, struct cursor *cursor,
			    uint8_t encoding);

#endif
