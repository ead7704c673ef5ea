/* symbols/cfi_types.h - the rows and sections of call frame information */
#ifndef SYMBOLS_CFI_TYPES_H
#define SYMBOLS_CFI_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/registers.h"

enum cfi_rule_kind {
	CFI_RULE_UNSPECIFIED,  /* no rule: the psABI decides */
	CFI_RULE_UNDEFINED,    /* the caller's value is lost; return address: there is no caller */
	CFI_RULE_SAME,         /* the caller has the same value */
	CFI_RULE_OFFSET,       /* saved at CFA + offset */
	CFI_RULE_VALUE_OFFSET, /* is CFA + offset */
	CFI_RULE_REGISTER,     /* is in register `number`; for the CFA: register + offset */
	CFI_RULE_EXPRESSION,   /* saved at the address that the expression yields */
	CFI_RULE_VALUE_EXPRESSION, /* is what the expression yields */
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
	uint8_t return_register; /* holds the return address */
	bool signal_frame;       /* the caller was interrupted by a signal: its pc is exact */
};

struct cfi_entry {
	uint32_t start_delta; /* first address that the FDE covers, minus base_address */
	uint32_t offset;      /* of the FDE in the section */
};

/* One section and its index by address. */
struct cfi_section {
	uint8_t *bytes;
	size_t size_bytes;
	uint64_t address; /* of bytes[0], as linked */
	bool is_debug_frame;
	bool is_32bit;             /* addresses have 4 bytes, otherwise 8 */
	uint64_t base_address;     /* lowest address of the file, as linked */
	struct cfi_entry *entries; /* by start_delta */
	size_t entry_count;
};

#endif
