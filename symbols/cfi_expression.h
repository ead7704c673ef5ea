/* symbols/cfi_expression.h - evaluation of the DWARF expressions in call frame information */
#ifndef SYMBOLS_CFI_EXPRESSION_H
#define SYMBOLS_CFI_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/registers.h"
#include "symbols/status.h"

#define CFI_EXPRESSION_STACK_MAX 64u

/* read() reads `size_bytes` (1 to 8) at `address` of the unwound process. It returns false if they
 * were not copied. */
struct cfi_memory {
	bool (*read)(void *context, uint64_t address, unsigned int size_bytes, uint64_t *ret_value);
	void *context;
};

struct cfi_expression_input {
	const uint8_t *bytes;
	size_t size_bytes;
	const struct registers *registers;
	const struct cfi_memory *memory;
	bool is_32bit;    /* addresses and entries of the stack have 32 bits */
	bool has_initial; /* `initial` (the CFA) is on the stack at the start */
	uint64_t initial;
};

/* Sets *ret_value to the top of the stack at the end. Each operation takes one of *steps_left,
 * because an expression may loop. Returns LIMIT when none is left, NOT_FOUND if a register or
 * memory is unknown, or CORRUPT if the expression is invalid for a frame.
 *
 * Example: the CFA of lazy PLT stubs, where register 7 is rsp and 16 is rip. With rsp 0x1000 and
 * rip 0x401c, which is offset 12 in a stub of 16 bytes, the stack is after each operation:
 *
 *	breg7 8    1008
 *	breg16 0   1008 401c
 *	lit15      1008 401c f
 *	and        1008 c
 *	lit11      1008 c b
 *	ge         1008 1
 *	lit3       1008 1 3
 *	shl        1008 8
 *	plus       1010
 *
 * So the CFA is rsp + 8, and rsp + 16 from offset 11 on, where the stub has pushed a word. */
MUST_CHECK enum symbols_status cfi_expression_evaluate(const struct cfi_expression_input *input,
						       uint32_t *steps_left, uint64_t *ret_value);

#endif
