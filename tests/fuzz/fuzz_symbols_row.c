/* tests/fuzz/fuzz_symbols_row.c - any bytes as a call frame section, without an ELF file
 *
 * Input: one byte (odd: .debug_frame), 8 bytes of address, the section. The section is also taken
 * for the machine code of a function and of a call. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/cfi.h"
#include "symbols/cfi_expression.h"
#include "symbols/cfi_index.h"
#include "symbols/x86_code.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile enum symbols_status sink;

static bool read_anything(void *context, uint64_t address, unsigned int size_bytes,
			  uint64_t *ret_value)
{
	(void)context;
	*ret_value = address * 31;
	return size_bytes <= 8;
}

static void evaluate(const struct cfi_rule *rule, uint32_t *steps_left)
{
	static const struct registers registers = {.known = UINT64_MAX >> 31};
	static const struct cfi_memory memory = {.read = read_anything};
	struct cfi_expression_input input = {
		.bytes = rule->expression,
		.size_bytes = rule->expression_bytes,
		.registers = &registers,
		.memory = &memory,
		.has_initial = true,
	};
	uint64_t value;

	if (rule->kind == CFI_RULE_EXPRESSION || rule->kind == CFI_RULE_VALUE_EXPRESSION)
		sink = cfi_expression_evaluate(&input, steps_left, &value);
}

static void find(const struct cfi_section *section, uint64_t address)
{
	uint32_t steps_left = 5000;
	struct cfi_row row;

	if (cfi_find_row(section, address, &steps_left, &row) != SYMBOLS_OK)
		return;
	evaluate(&row.cfa, &steps_left);
	for (unsigned int i = 0; i < REGISTERS_MAX; i++)
		evaluate(&row.registers[i], &steps_left);
}

static void read_code(const uint8_t *bytes, size_t size_bytes)
{
	struct x86_prologue prologue;
	int64_t distance;

	prologue = x86_prologue_read(
		bytes, size_bytes < X86_PROLOGUE_MAX_BYTES ? size_bytes : X86_PROLOGUE_MAX_BYTES);
	if (prologue.saved && prologue.saved_bytes > prologue.depth_bytes)
		abort(); /* the frame pointer is saved below the return address */
	(void)x86_call_before(bytes, size_bytes, &distance);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct elf_image no_image = {.segment_count = 0};
	struct cfi_section section = {.address = 0x2000};
	uint64_t address;

	if (size < 10)
		return 0;
	read_code(data + 9, size - 9);
	section.is_debug_frame = data[0] & 1;
	memcpy(&address, data + 1, sizeof(address));
	section.size_bytes = size - 9;
	section.bytes = malloc(section.size_bytes);
	if (!section.bytes)
		return 0;
	memcpy(section.bytes, data + 9, section.size_bytes);
	if (cfi_index_build(&no_image, &section) == SYMBOLS_OK) {
		find(&section, address);
		for (size_t i = 0; i < section.entry_count && i < 32; i++)
			find(&section, section.entries[i].start_delta + (address & 0xff));
	}
	cfi_release(&section);
	return 0;
}
