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
	/* Result of loading. If it is not OK, the module has neither functions nor call frame
	 * information. */
	enum symbols_status status;
	struct elf_image image; /* segments and build ID only; its file is not used any more */
	struct cfi_section eh_frame;
	struct cfi_section debug_frame;
	struct function_table functions;
	struct go_table go_table; /* of a Go program that has no call frame information */
	struct special_functions special_functions;
	bool lacks_names; /* there was no room for them in the budget */
	bool is_rust; /* main() is that of Rust, or the file has no symbols and rustc made a part */
	size_t memory_bytes; /* that the module holds, this structure included */
};

/* Directories of separate debug files: only DIRECTORY/.build-id/xx/yyyy.debug is opened. */
struct module_debug_directories {
	const char *const *paths;
	size_t count;
};

/* Reads everything that is needed later from a regular file. Borrows `fd` for the call only. The
 * caller must call module_release(). On failure *ret_module is an empty module with the returned
 * status, which can be used and released like any other. Functions and call frame information are
 * optional: the errors are those of elf_image_open(). */
enum symbols_status module_load(int fd, const struct module_debug_directories *directories,
				struct module *ret_module);

/* The same for a file that budget->source reads; NULL: `fd` can be read. Takes at most the memory
 * of the budget at any time, and some MiB for the headers. Names for which it has no room are left
 * out, and lacks_names is set. Also returns MEMORY_LIMIT and TIMEOUT. Updates the budget. */
enum symbols_status module_load_within(struct elf_budget *budget, int fd,
				       const struct module_debug_directories *directories,
				       struct module *ret_module);

/* The same for the bytes of a file in memory, borrowed for the call only. */
enum symbols_status module_load_memory(const void *bytes, size_t size_bytes,
				       struct module *ret_module);

/* Frees the memory. The module is empty afterwards, with the status NOT_FOUND. */
void module_release(struct module *module);

/* Finds the function that covers an address (as linked). Its name lives as long as the module.
 * Returns false if there is none. */
MUST_CHECK bool module_find_function(const struct module *module, uint64_t address,
				     struct function *ret_function);

/* Sets *ret_start to the start of the entry of call frame information that covers an address (as
 * linked). Returns false if there is none. */
MUST_CHECK bool module_find_entry(const struct module *module, uint64_t address,
				  uint64_t *ret_start);

/* Like cfi_find_row(), from the section or Go table that covers the address. */
MUST_CHECK enum symbols_status module_find_row(const struct module *module, uint64_t address,
					       uint32_t *steps_left, struct cfi_row *ret_row);

#endif
