/* symbols/cfi.h - call frame information of one ELF file: how to get from a frame to its caller
 *
 * Reads .eh_frame and .debug_frame (DWARF 5, 6.4 and the Linux Standard Base's changes to it).
 * Written here and not left to libdw because the bytes are untrusted and the reader may be root:
 * libdw takes as much memory as a register number in the file asks for (a gigabyte for thirty
 * bytes). Finding a row takes no memory at all. */
#ifndef SYMBOLS_CFI_H
#define SYMBOLS_CFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/elf_image.h"
#include "symbols/registers.h"
#include "symbols/status.h"

#define CFI_SECTION_MAX_BYTES (24u << 20)
#define CFI_REMEMBERED_MAX    16u

enum cfi_rule_kind {
	CFI_RULE_UNSPECIFIED, /* the psABI decides */
	CFI_RULE_UNDEFINED,   /* the caller's value is lost; for the return address: there is no
				 caller */
	CFI_RULE_SAME,
	CFI_RULE_OFFSET,       /* saved at CFA + offset */
	CFI_RULE_VALUE_OFFSET, /* is CFA + offset */
	CFI_RULE_REGISTER,     /* is in register `number`; for the CFA: register + offset */
	CFI_RULE_EXPRESSION,   /* saved where the expression says */
	CFI_RULE_VALUE_EXPRESSION,
};

struct cfi_rule {
	uint8_t kind;              /* enum cfi_rule_kind */
	uint8_t number;            /* below REGISTERS_MAX */
	uint32_t expression_bytes; /* of the expression kinds */
	union {
		int64_t offset;
		const uint8_t *expression; /* lives as long as the struct cfi_section */
	};
};

struct cfi_row {
	struct cfi_rule cfa; /* REGISTER or VALUE_EXPRESSION */
	struct cfi_rule registers[REGISTERS_MAX];
	uint8_t return_register; /* column of the return address */
	bool signal_frame;       /* the caller was interrupted: its pc is exact */
};

struct cfi_entry {
	uint32_t start_delta; /* of the first pc, from base_address */
	uint32_t offset;      /* of the FDE in the section */
};

/* One section with its index by pc. */
struct cfi_section {
	uint8_t *bytes;
	size_t size_bytes;
	uint64_t address; /* where the section is linked to lie */
	bool is_debug_frame;
	uint64_t base_address;
	struct cfi_entry *entries; /* by start_delta */
	size_t entry_count;
};

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
