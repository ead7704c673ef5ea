/* symbols/module.h - one loaded ELF file: its call frame information and its functions */
#ifndef SYMBOLS_MODULE_H
#define SYMBOLS_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/cfi.h"
#include "symbols/elf_image.h"
#include "symbols/function_table.h"
#include "symbols/go_table.h"
#include "symbols/special_functions.h"
#include "symbols/status.h"

struct module {
	/* What became of loading; when it is not OK, the module has neither functions nor call
	 * frame information. */
	enum symbols_status status;
	struct elf_image image; /* headers only; no file behind it any more */
	struct cfi_section eh_frame;
	struct cfi_section debug_frame;
	struct function_table functions;
	struct go_table go_table; /* of a Go program that has no call frame information */
	struct special_functions special_functions;
	size_t memory_bytes; /* that the module holds, itself included */
};

/* Where separate debug files may be found: DIRECTORY/.build-id/xx/yyyy.debug and nowhere else. */
struct module_debug_directories {
	const char *const *paths;
	size_t count;
};

/* Reads everything that is needed later from an open regular file. `fd` is borrowed for the call
 * only: afterwards the module depends on no file. On failure *ret_module is an empty module with
 * that status, and may be used and released like any other. */
enum symbols_status module_load(int fd, const struct module_debug_directories *directories,
				struct module *ret_module);

/* The same for the image at `bytes`, which is not needed afterwards. */
enum symbols_status module_load_memory(const void *bytes, size_t size_bytes,
				       struct module *ret_module);

/* Frees what module_load() made. */
void module_release(struct module *module);

/* The function at an address as linked; strings live as long as the module. */
MUST_CHECK bool module_find_function(const struct module *module, uint64_t address,
				     struct function *ret_function);

/* The row for an address as linked, from whichever section covers it. */
MUST_CHECK enum symbols_status module_find_row(const struct module *module, uint64_t address,
					       uint32_t *steps_left, struct cfi_row *ret_row);

#endif
