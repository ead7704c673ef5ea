/* tests/fuzz/fuzz_symbols_elf.c - any bytes as an ELF file: headers, functions and rows */
#include <stddef.h>
#include <stdint.h>

#include "symbols/module.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile char sink;

/* Looks up an address of a segment, a function or an index entry. */
static void look_up(const struct module *module, uint64_t address)
{
	uint32_t steps_left = 10000;
	struct function function;
	struct cfi_row row;

	if (function_table_find(&module->functions, address, &function))
		sink = function.name[0];
	if (module_find_row(module, address, &steps_left, &row) == SYMBOLS_OK)
		sink = (char)row.return_register;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct module module;
	size_t i;

	(void)module_load_memory(data, size, &module);
	for (i = 0; i < module.image.segment_count && i < 8; i++)
		look_up(&module, module.image.segments[i].address);
	for (i = 0; i < module.functions.count && i < 64; i++)
		look_up(&module, module.functions.base_address +
					 module.functions.entries[i].start_delta + 1);
	for (i = 0; i < module.eh_frame.entry_count && i < 64; i++)
		look_up(&module,
			module.eh_frame.base_address + module.eh_frame.entries[i].start_delta + 3);
	module_release(&module);
	return 0;
}
