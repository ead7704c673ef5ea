/* tests/fuzz/fuzz_unwind_rows.c - any bytes as a call frame section, made into a table of rows
 *
 * Input: one byte (bit 0: .debug_frame; bit 1: of arm64), the section. The table must equal the
 * section. */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/cfi_index.h"
#include "tests/symbols/check_rows.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void build_and_check(const struct module *module)
{
	struct unwind_rule_set *set = unwind_rule_set_new();
	struct unwind_rows rows;
	uint64_t address;

	if (!set)
		return;
	if (unwind_rows_build(module, module->image.machine, set, &rows) == SYMBOLS_OK) {
		if (!check_rows(module, set, &rows, true, &address))
			abort(); /* a row that the section does not have */
		unwind_rows_release(&rows);
	}
	unwind_rule_set_free(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct elf_image no_image = {.segment_count = 0};
	struct module module = {.status = SYMBOLS_OK};
	struct cfi_section section = {.address = 0x2000};

	if (size < 2)
		return 0;
	module.image.machine = data[0] & 2 ? EM_AARCH64 : EM_X86_64;
	section.is_debug_frame = data[0] & 1;
	section.size_bytes = size - 1;
	section.bytes = malloc(section.size_bytes);
	if (!section.bytes)
		return 0;
	memcpy(section.bytes, data + 1, section.size_bytes);
	if (cfi_index_build(&no_image, &section) == SYMBOLS_OK) {
		*(section.is_debug_frame ? &module.debug_frame : &module.eh_frame) = section;
		build_and_check(&module);
	}
	cfi_release(&section);
	return 0;
}
