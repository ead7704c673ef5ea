/* symbols/arm64_code.h - machine code of arm64: calls and stubs
 *
 * All functions get the bytes of the code and read nothing else. */
#ifndef SYMBOLS_ARM64_CODE_H
#define SYMBOLS_ARM64_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/code_call.h"

#define ARM64_INSTRUCTION_BYTES 4u

/* Returns the kind of call instruction in the last four of `size_bytes` bytes. For
 * CODE_CALL_DIRECT, *ret_distance is set to the distance from the return address to the target. */
enum code_call arm64_call_before(const uint8_t *bytes, size_t size_bytes, int64_t *ret_distance);

/* A stub that jumps through a slot of the global offset table. */
struct arm64_stub {
	uint64_t slot;       /* its address */
	uint32_t size_bytes; /* of the instructions that are known */
};

/* Reads the stub at `address`, of at most `size_bytes` bytes. Returns false, with *ret_stub
 * unchanged, if none begins there. */
bool arm64_stub_read(const uint8_t *bytes, size_t size_bytes, uint64_t address,
		     struct arm64_stub *ret_stub);

#endif
