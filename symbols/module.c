/* symbols/module.c - one loaded ELF file: its call frame information and its functions */
#include "symbols/module.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols/cfi_index.h"
#include "symbols/debug_file.h"
#include "symbols/mini_debug_info.h"
#include "symbols/plt.h"

#define COMMENT_MAX_BYTES 65536u

/* Each source of names is optional: if one is missing or damaged, the others are used. */
static enum symbols_status optional(enum symbols_status status)
{
	return symbols_status_ends_load(status) ? status : SYMBOLS_OK;
}

static enum symbols_status add_section(struct function_table_builder *builder,
				       const struct elf_image *image, uint32_t type)
{
	const struct elf_section *section = elf_image_section_of_type(image, type);
	enum symbols_status status = SYMBOLS_NOT_FOUND;

	if (section)
		status = function_table_builder_add_section(builder, image, section);
	return optional(status);
}

static enum symbols_status add_debug_file(struct function_table_builder *builder, int fd)
{
	enum symbols_status status;
	struct elf_image debug;

	if (elf_image_open(fd, &debug) != SYMBOLS_OK)
		return SYMBOLS_OK;
	debug.budget = builder->image->budget; /* which ends its load as well */
	status = add_section(builder, &debug, SHT_SYMTAB);
	elf_image_release(&debug);
	return status;
}

static enum symbols_status add_debug_files(struct function_table_builder *builder,
					   const struct elf_image *image,
					   const struct module_debug_directories *directories)
{
	for (size_t i = 0; i < directories->count; i++) {
		enum symbols_status status;
		int fd;

		if (debug_file_open(directories->paths[i], image->build_id, image->build_id_bytes,
				    &fd) != SYMBOLS_OK)
			continue;
		status = add_debug_file(builder, fd);
		close(fd);
		return status;
	}
	return SYMBOLS_OK;
}

static enum symbols_status add_mini_debug_info(struct function_table_builder *builder,
					       const struct elf_image *image)
{
	struct elf_image mini;
	enum symbols_status status;
	uint8_t *bytes;
	size_t size;

	status = mini_debug_info_load(image, &bytes, &size);
	if (status != SYMBOLS_OK)
		return optional(status);
	if (elf_image_open_memory(bytes, size, &mini) == SYMBOLS_OK) {
		mini.budget = image->budget;
		status = add_section(builder, &mini, SHT_SYMTAB);
		elf_image_release(&mini);
	}
	elf_image_give(image, size);
	free(bytes);
	return status;
}

static uint64_t base_address(const struct elf_image *image)
{
	uint64_t base = UINT64_MAX;

	for (size_t i = 0; i < image->segment_count; i++) {
		if (image->segments[i].address < base)
			base = image->segments[i].address;
	}
	return base == UINT64_MAX ? 0 : base;
}

static uint64_t next_frame_start(const void *context, uint64_t address)
{
	const struct module *module = context;
	uint64_t in_eh_frame = cfi_index_next_start(&module->eh_frame, address);
	uint64_t in_debug_frame = cfi_index_next_start(&module->debug_frame, address);

	return in_eh_frame < in_debug_frame ? in_eh_frame : in_debug_frame;
}

static enum symbols_status load_functions(struct module *module,
					  const struct module_debug_directories *directories)
{
	const struct elf_image *image = &module->image;
	struct function_table_builder builder;
	enum symbols_status status;

	function_table_builder_init(&builder, base_address(image));
	builder.image = image;
	builder.next_start = next_frame_start;
	builder.context = module;
	status = add_section(&builder, image, SHT_SYMTAB);
	if (status == SYMBOLS_OK)
		status = add_section(&builder, image, SHT_DYNSYM);
	if (status == SYMBOLS_OK)
		status = plt_add_functions(&builder, image);
	if (status == SYMBOLS_OK && !elf_image_section_of_type(image, SHT_SYMTAB)) {
		status = add_mini_debug_info(&builder, image);
		if (status == SYMBOLS_OK)
			status = add_debug_files(&builder, image, directories);
	}
	if (status != SYMBOLS_OK) {
		function_table_builder_release(&builder);
		return status;
	}
	status = function_table_builder_finish(&builder, &module->functions);
	return status == SYMBOLS_NOT_FOUND ? SYMBOLS_OK : status;
}

static enum symbols_status load_cfi(struct module *module)
{
	enum symbols_status status = cfi_load_eh_frame(&module->image, &module->eh_frame);

	if (!symbols_status_ends_load(status))
		status = cfi_load_debug_frame(&module->image, &module->debug_frame);
	return optional(status);
}

/* Only without call frame information, because the table can be as large as the rest of the module.
 */
static enum symbols_status load_go_table(struct module *module)
{
	enum symbols_status status;

	if (module->eh_frame.entry_count > 0 || module->debug_frame.entry_count > 0 ||
	    module->image.machine != EM_X86_64)
		return SYMBOLS_OK;
	status = go_table_load(&module->image, &module->go_table);
	return optional(status);
}

static bool has_text(const uint8_t *bytes, size_t size, const char *text)
{
	const size_t length = strlen(text);

	for (size_t i = 0; i + length <= size; i++)
		if (memcmp(bytes + i, text, length) == 0)
			return true;
	return false;
}

/* Each compiler adds its name to a section. A C program can contain code of Rust, but only Rust's
 * main() calls this function of its library. */
static bool is_rust(const struct module *module)
{
	const struct elf_section *section = elf_image_section(&module->image, ".comment");
	const struct function_table *functions = &module->functions;
	uint8_t *bytes;
	size_t size;
	bool found;

	if (!section || elf_image_load_section(&module->image, section, COMMENT_MAX_BYTES, &bytes,
					       &size) != SYMBOLS_OK)
		return false;
	found = has_text(bytes, size, "rustc version ");
	elf_image_give(&module->image, size);
	free(bytes);
	if (!found || !elf_image_section_of_type(&module->image, SHT_SYMTAB))
		return found;
	for (size_t i = 0; i < functions->count; i++)
		if (strstr(functions->names + functions->entries[i].name, "lang_start_internal"))
			return true;
	return false;
}

static void note_special_functions(struct module *module)
{
	const struct function_table *functions = &module->functions;

	for (size_t i = 0; i < functions->count; i++) {
		const struct function_entry *entry = &functions->entries[i];

		special_functions_note(&module->special_functions, functions->names + entry->name,
				       functions->base_address + entry->start_delta,
				       entry->size_bytes);
	}
	go_table_note_special_functions(&module->go_table, &module->special_functions);
}

/* Of what a part has taken, only what it holds stays taken. */
static void settle(size_t whole_bytes, size_t held_bytes, struct elf_budget *budget)
{
	budget->left_bytes = held_bytes < whole_bytes ? whole_bytes - held_bytes : 0;
}

static size_t held_bytes(const struct module *module)
{
	return cfi_memory_bytes(&module->eh_frame) + cfi_memory_bytes(&module->debug_frame) +
	       function_table_memory_bytes(&module->functions) + module->go_table.size_bytes;
}

/* The parts in turn. The names come last: without them, a stack can be unwound nevertheless. */
static enum symbols_status load_in_budget(struct module *module,
					  const struct module_debug_directories *directories,
					  struct elf_budget *budget)
{
	const size_t whole_bytes = budget->left_bytes;
	enum symbols_status status;

	module->image.budget = budget;
	status = load_cfi(module);
	settle(whole_bytes, held_bytes(module), budget);
	if (status == SYMBOLS_OK)
		status = load_go_table(module);
	settle(whole_bytes, held_bytes(module), budget);
	if (status == SYMBOLS_OK)
		status = load_functions(module, directories);
	else
		return status;
	settle(whole_bytes, held_bytes(module), budget);
	module->lacks_names = status == SYMBOLS_MEMORY_LIMIT;
	return module->lacks_names ? SYMBOLS_OK : status;
}

static enum symbols_status load_parts(struct module *module,
				      const struct module_debug_directories *directories,
				      struct elf_budget *budget)
{
	enum symbols_status status = load_in_budget(module, directories, budget);

	note_special_functions(module);
	module->is_rust = is_rust(module);
	/* The section table is not needed any more, and the file is borrowed. */
	elf_image_release(&module->image);
	module->image.source = NULL;
	module->image.budget = NULL;
	module->image.fd = -1;
	module->image.memory = NULL;
	module->image.size_bytes = 0;
	module->memory_bytes += held_bytes(module);
	return status;
}

static enum symbols_status finish(enum symbols_status status, struct module *module,
				  struct module *ret_module)
{
	if (status != SYMBOLS_OK)
		module_release(module);
	module->status = status;
	*ret_module = *module;
	return status;
}

enum symbols_status module_load(int fd, const struct module_debug_directories *directories,
				struct module *ret_module)
{
	struct elf_budget unlimited = {.left_bytes = SIZE_MAX};

	return module_load_within(&unlimited, fd, directories, ret_module);
}

/* A part that is missing because of a timeout could be there the next time. */
enum symbols_status module_load_within(struct elf_budget *budget, int fd,
				       const struct module_debug_directories *directories,
				       struct module *ret_module)
{
	const struct elf_source *source = budget->source;
	struct module module = {.memory_bytes = sizeof(module)};
	enum symbols_status status = elf_image_open_source(source, fd, &module.image);

	if (status == SYMBOLS_OK)
		status = load_parts(&module, directories, budget);
	if (source && source->has_timed_out(source->context))
		status = SYMBOLS_TIMEOUT;
	return finish(status, &module, ret_module);
}

enum symbols_status module_load_memory(const void *bytes, size_t size_bytes,
				       struct module *ret_module)
{
	static const struct module_debug_directories none = {.count = 0};
	struct elf_budget unlimited = {.left_bytes = SIZE_MAX};
	struct module module = {.memory_bytes = sizeof(module)};
	enum symbols_status status = elf_image_open_memory(bytes, size_bytes, &module.image);

	if (status == SYMBOLS_OK)
		status = load_parts(&module, &none, &unlimited);
	return finish(status, &module, ret_module);
}

void module_release(struct module *module)
{
	elf_image_release(&module->image);
	cfi_release(&module->eh_frame);
	cfi_release(&module->debug_frame);
	function_table_release(&module->functions);
	go_table_release(&module->go_table);
	*module = (struct module){.status = SYMBOLS_NOT_FOUND, .memory_bytes = sizeof(*module)};
}

bool module_find_function(const struct module *module, uint64_t address,
			  struct function *ret_function)
{
	return function_table_find(&module->functions, address, ret_function) ||
	       go_table_find(&module->go_table, address, ret_function);
}

bool module_find_entry(const struct module *module, uint64_t address, uint64_t *ret_start)
{
	return cfi_find_start(&module->eh_frame, address, ret_start) ||
	       cfi_find_start(&module->debug_frame, address, ret_start);
}

enum symbols_status module_find_row(const struct module *module, uint64_t address,
				    uint32_t *steps_left, struct cfi_row *ret_row)
{
	enum symbols_status status = cfi_find_row(&module->eh_frame, address, steps_left, ret_row);

	if (status == SYMBOLS_NOT_FOUND)
		status = cfi_find_row(&module->debug_frame, address, steps_left, ret_row);
	if (status == SYMBOLS_NOT_FOUND)
		status = go_table_find_row(&module->go_table, address, steps_left, ret_row);
	return status;
}
