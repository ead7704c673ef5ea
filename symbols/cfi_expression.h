/* symbols/cfi_expression.h - evaluates the DWARF expressions that call frame information uses */
#ifndef SYMBOLS_CFI_EXPRESSION_H
#define SYMBOLS_CFI_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/registers.h"
#include "symbols/status.h"

#define CFI_EXPRESSION_STACK_MAX 64u

/* Reads `size_bytes` (1 to 8) of the stopped process at `address`; false if they were not copied.
 */
struct cfi_memory {
	bool (*read)(void *context, uint64_t address, unsigned int size_bytes, uint64_t *ret_value);
	void *context;
};

struct cfi_expression_input {
	const uint8_t *bytes;
	size_t size_bytes;
	const struct registers *registers;
	const struct cfi_memory *memory;
	bool has_initial; /* `initial` (the CFA) lies on the stack at the start */
	uint64_t initial;
};

/* Each operation takes one of *steps_left: an expression may loop. LIMIT if they are used up,
 * NOT_FOUND if it needs a register or memory that is not known, CORRUPT if it is no valid
 * expression for a frame. */
MUST_CHECK enum symbols_status cfi_expression_evaluate(const struct cfi_expression_input *input,
						       uint32_t *steps_left, uint64_t *ret_value);

#endif
