/* symbols/arm64_code.c - machine code of arm64: calls and stubs */
#include "symbols/arm64_code.h"

#include "base/cursor.h"

/* Instructions, by the bits that are not operands. */
struct pattern {
	uint32_t mask;
	uint32_t bits;
};

static const struct pattern direct_call = {0xfc000000, 0x94000000};  /* bl target */
static const struct pattern landing_pad = {0xffffff3f, 0xd503241f};  /* bti, and bti c, j, jc */
static const struct pattern page_of_slot = {0x9f00001f, 0x90000010}; /* adrp x16, page */
static const struct pattern load_of_slot = {0xffc003ff, 0xf9400211}; /* ldr x17, [x16, #low] */

static const struct pattern indirect_calls[] = {
	{0xfffffc1f, 0xd63f0000}, /* blr */
	{0xfffff81f, 0xd63f081f}, /* blraaz, blrabz */
	{0xfffff800, 0xd73f0800}, /* blraa, blrab */
};

static bool is(uint32_t instruction, const struct pattern *pattern)
{
	return (instruction & pattern->mask) == pattern->bits;
}

/* Instructions are little-endian, whatever the data are. */
static uint32_t instruction_at(const uint8_t *bytes)
{
	struct cursor cursor = cursor_over(bytes, ARM64_INSTRUCTION_BYTES);

	return (uint32_t)cursor_unsigned(&cursor, ARM64_INSTRUCTION_BYTES);
}

/* The lowest `bits` bits of a value as a signed number. */
static int64_t sign_extend(uint64_t value, unsigned int bits)
{
	uint64_t sign = UINT64_C(1) << (bits - 1);

	value &= (sign << 1) - 1;
	return (int64_t)((value ^ sign) - sign);
}

enum code_call arm64_call_before(const uint8_t *bytes, size_t size_bytes, int64_t *ret_distance)
{
	uint32_t instruction;

	if (size_bytes < ARM64_INSTRUCTION_BYTES)
		return CODE_CALL_NONE;
	instruction = instruction_at(bytes + size_bytes - ARM64_INSTRUCTION_BYTES);
	if (is(instruction, &direct_call)) {
		/* From the call itself. */
		*ret_distance = sign_extend(instruction, 26) * 4 - (int64_t)ARM64_INSTRUCTION_BYTES;
		return CODE_CALL_DIRECT;
	}
	for (size_t i = 0; i < sizeof(indirect_calls) / sizeof(indirect_calls[0]); i++)
		if (is(instruction, &indirect_calls[i]))
			return CODE_CALL_INDIRECT;
	return CODE_CALL_NONE;
}

/* Example: adrp x16, 0x20000 and ldr x17, [x16, #0xf90] jump through the slot at 0x20f90. Before
 * them there can be bti c. */
bool arm64_stub_read(const uint8_t *bytes, size_t size_bytes, uint64_t address,
		     struct arm64_stub *ret_stub)
{
	uint32_t first = size_bytes >= 4 ? instruction_at(bytes) : 0;
	size_t at = is(first, &landing_pad) ? ARM64_INSTRUCTION_BYTES : 0;
	uint32_t page, load;
	uint64_t pages;

	if (size_bytes < at + 2 * ARM64_INSTRUCTION_BYTES)
		return false;
	page = instruction_at(bytes + at);
	load = instruction_at(bytes + at + ARM64_INSTRUCTION_BYTES);
	if (!is(page, &page_of_slot) || !is(load, &load_of_slot))
		return false;
	pages = (page >> 29 & 3) | (uint64_t)(page >> 5 & 0x7ffff) << 2;
	ret_stub->slot = ((address + at) & ~UINT64_C(0xfff)) +
			 ((uint64_t)sign_extend(pages, 21) << 12) + (load >> 10 & 0xfff) * 8;
	/* An addition and the jump follow. */
	ret_stub->size_bytes = (uint32_t)at + 4 * ARM64_INSTRUCTION_BYTES;
	return true;
}
