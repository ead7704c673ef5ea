/* symbols/x86_code.h - machine code around a return address and at the start of a function
 *
 * For code without call frame information. All functions get the bytes of the code and read nothing
 * else. */
#ifndef SYMBOLS_X86_CODE_H
#define SYMBOLS_X86_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/code_call.h"

/* The longest call instruction. */
#define X86_CALL_MAX_BYTES     7u
#define X86_PROLOGUE_MAX_BYTES 256u

/* Returns the kind of call instruction that ends with the last of `size_bytes` bytes. For
 * CODE_CALL_DIRECT, *ret_distance is set to the distance from the return address to the target. */
enum code_call x86_call_before(const uint8_t *bytes, size_t size_bytes, int64_t *ret_distance);

/* What the instructions of a function have done to its stack. */
struct x86_prologue {
	bool complete;          /* all instructions were followed; has_frame_pointer is false */
	bool has_frame_pointer; /* the frame pointer is that of this function */
	uint32_t depth_bytes;   /* from the stack pointer to the return address */
	bool saved;             /* the caller's frame pointer was pushed */
	uint32_t saved_bytes;   /* from the stack pointer to it */
};

/* Follows the instructions from the start of a function, one after the other: pushes, subtractions
 * from the stack pointer, and those that do not change it, calls and conditional jumps included.
 * Stops where the frame pointer is set, and at any other instruction, such as pop. */
struct x86_prologue x86_prologue_read(const uint8_t *bytes, size_t size_bytes);

#endif
