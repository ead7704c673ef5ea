/* symbols/plt.c - names of the stubs that call functions of other files: func@plt
 *
 * The order of the stubs depends on the linker and its options (lazy, -z now, IBT), so their code
 * is read. Each stub jumps through a slot (jmp *slot(%rip)), whose relocation names the function.
 *
 * Example: the stub at 0x1030 is ff 25 e2 2f 00 00, a jump of 6 bytes. Its slot is at
 * 0x1030 + 6 + 0x2fe2 = 0x4018. The relocation with r_offset 0x4018 has the symbol "puts", so the
 * stub is named puts@plt.
 *
 * In a 32-bit program the jump is to *slot, or in position-independent code to *offset(%ebx), where
 * EBX has the address of the global offset table. On arm64 two instructions make the address. */
#include "symbols/plt.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cursor.h"
#include "symbols/arm64_code.h"

#define STUB_BYTES       16u
#define SHORT_STUB_BYTES 8u

struct slot {
	uint64_t address;
	uint32_t symbol;
};

struct plt {
	const struct elf_image *image;
	struct function_table_builder *builder;
	struct slot *slots; /* by address */
	size_t slot_count;
	size_t slot_capacity;
	uint8_t *symbols; /* .dynsym */
	size_t symbols_bytes;
	char *strings; /* .dynstr, NUL at its end */
	size_t strings_bytes;
	uint64_t table; /* address of the global offset table of a 32-bit file */
};

static bool is_slot_type(uint16_t machine, uint64_t type)
{
	if (machine == EM_AARCH64)
		return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT;
	return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT;
}

static struct slot slot_of_rela(const struct plt *plt, const uint8_t *bytes)
{
	Elf64_Rela relocation;

	memcpy(&relocation, bytes, sizeof(relocation));
	if (!is_slot_type(plt->image->machine, ELF64_R_TYPE(relocation.r_info)))
		return (struct slot){0};
	return (struct slot){relocation.r_offset, (uint32_t)ELF64_R_SYM(relocation.r_info)};
}

static struct slot slot_of_rel(const uint8_t *bytes)
{
	Elf32_Rel relocation;
	uint32_t type;

	memcpy(&relocation, bytes, sizeof(relocation));
	type = ELF32_R_TYPE(relocation.r_info);
	if (type != R_386_JMP_SLOT && type != R_386_GLOB_DAT)
		return (struct slot){0};
	return (struct slot){relocation.r_offset, ELF32_R_SYM(relocation.r_info)};
}

static size_t relocation_bytes(const struct plt *plt)
{
	return plt->image->is_32bit ? sizeof(Elf32_Rel) : sizeof(Elf64_Rela);
}

static enum symbols_status append_slots(struct plt *plt, const uint8_t *bytes, size_t count)
{
	const size_t before = plt->slot_capacity;
	size_t needed = plt->slot_count + count;
	struct slot *grown = array_grow(plt->slots, &plt->slot_capacity, needed, sizeof(*grown),
					PLT_RELOCATIONS_MAX);

	if (!grown)
		return needed > PLT_RELOCATIONS_MAX ? SYMBOLS_LIMIT : SYMBOLS_NO_MEMORY;
	plt->slots = grown;
	if (!elf_image_take(plt->image, (plt->slot_capacity - before) * sizeof(*grown)))
		return SYMBOLS_MEMORY_LIMIT;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *relocation = bytes + i * relocation_bytes(plt);
		struct slot slot = plt->image->is_32bit ? slot_of_rel(relocation)
							: slot_of_rela(plt, relocation);

		if (slot.address)
			plt->slots[plt->slot_count++] = slot;
	}
	return SYMBOLS_OK;
}

static enum symbols_status load_slots(struct plt *plt, const char *section_name)
{
	const struct elf_section *section = elf_image_section(plt->image, section_name);
	enum symbols_status status;
	uint8_t *bytes;
	size_t size;

	if (!section)
		return SYMBOLS_OK;
	status = elf_image_load_section(plt->image, section, PLT_MAX_BYTES, &bytes, &size);
	if (status != SYMBOLS_OK)
		return status;
	status = append_slots(plt, bytes, size / relocation_bytes(plt));
	elf_image_give(plt->image, size);
	free(bytes);
	return status;
}

static int compare_slots(const void *left, const void *right)
{
	const struct slot *a = left;
	const struct slot *b = right;

	return (a->address > b->address) - (a->address < b->address);
}

/* qsort() takes memory as well. */
static enum symbols_status sort_slots(struct plt *plt)
{
	const size_t bytes = plt->slot_count * sizeof(plt->slots[0]);

	if (bytes == 0)
		return SYMBOLS_OK;
	if (!elf_image_take(plt->image, bytes))
		return SYMBOLS_MEMORY_LIMIT;
	qsort(plt->slots, plt->slot_count, sizeof(plt->slots[0]), compare_slots);
	elf_image_give(plt->image, bytes);
	return SYMBOLS_OK;
}

static enum symbols_status load_symbols(struct plt *plt)
{
	const struct elf_section *symbols = elf_image_section_of_type(plt->image, SHT_DYNSYM);
	enum symbols_status status;
	uint8_t *strings;

	if (!symbols || symbols->link >= plt->image->section_count)
		return SYMBOLS_NOT_FOUND;
	status = elf_image_load_section(plt->image, symbols, PLT_MAX_BYTES, &plt->symbols,
					&plt->symbols_bytes);
	if (status != SYMBOLS_OK)
		return status;
	status = elf_image_load_section(plt->image, &plt->image->sections[symbols->link],
					PLT_MAX_BYTES, &strings, &plt->strings_bytes);
	if (status != SYMBOLS_OK)
		return status;
	strings[plt->strings_bytes - 1] = '\0';
	plt->strings = (char *)strings;
	return SYMBOLS_OK;
}

static const char *name_of_slot(const struct plt *plt, uint64_t address)
{
	const struct slot key = {.address = address};
	const struct slot *slot = NULL;
	size_t symbol_bytes = elf_image_symbol_bytes(plt->image);
	uint32_t name;

	if (plt->slot_count > 0)
		slot = bsearch(&key, plt->slots, plt->slot_count, sizeof(key), compare_slots);
	if (!slot || slot->symbol >= plt->symbols_bytes / symbol_bytes)
		return NULL;
	/* The first field of both classes. */
	memcpy(&name, plt->symbols + slot->symbol * symbol_bytes, sizeof(name));
	if (name >= plt->strings_bytes || plt->strings[name] == '\0')
		return NULL;
	return plt->strings + name;
}

#define JUMP_BYTES 2u

/* Whether an indirect jump through a slot begins here: jmp *slot, jmp *slot(%rip), or in 32-bit
 * code jmp *offset(%ebx). */
static bool is_jump(const struct plt *plt, const uint8_t *bytes)
{
	return bytes[0] == 0xff && (bytes[1] == 0x25 || (plt->image->is_32bit && bytes[1] == 0xa3));
}

/* Finds the slot that the stub jumps through. */
static bool slot_of_stub(const struct plt *plt, const uint8_t *stub, size_t size, uint64_t address,
			 uint64_t *ret_slot)
{
	for (size_t i = 0; i + JUMP_BYTES + 4 <= size; i++) {
		struct cursor cursor = cursor_over(stub + i + JUMP_BYTES, 4);
		uint64_t operand;

		if (!is_jump(plt, stub + i))
			continue;
		operand = (uint64_t)cursor_signed(&cursor, 4);
		if (!plt->image->is_32bit)
			*ret_slot = address + i + JUMP_BYTES + 4 + operand;
		else if (stub[i + 1] == 0x25)
			*ret_slot = (uint32_t)operand;
		else
			*ret_slot = (uint32_t)(plt->table + operand);
		return true;
	}
	return false;
}

/* Names the stub at an address, which jumps through that slot. */
static enum symbols_status add_named(const struct plt *plt, uint64_t slot, size_t size,
				     uint64_t address)
{
	char name[FUNCTION_NAME_MAX_BYTES + 1];
	struct function_candidate candidate = {.start = address, .size_bytes = size};
	const char *function = NULL;
	int length;

	/* Before a name of kilobytes is copied for each of a million stubs. */
	if (function_table_builder_takes(plt->builder, address, size))
		function = name_of_slot(plt, slot);
	if (!function)
		return SYMBOLS_OK;
	length = snprintf(name, sizeof(name), "%.*s@plt", (int)(sizeof(name) - sizeof("@plt")),
			  function);
	return function_table_builder_add(plt->builder, &candidate, name, (size_t)length);
}

static enum symbols_status add_stub(const struct plt *plt, const uint8_t *stub, size_t size,
				    uint64_t address)
{
	uint64_t slot;

	return slot_of_stub(plt, stub, size, address, &slot) ? add_named(plt, slot, size, address)
							     : SYMBOLS_OK;
}

/* Stubs of arm64 have 16 or, with landing pads, 24 bytes, behind a longer one at the beginning. */
static enum symbols_status add_arm64_stubs(const struct plt *plt, const uint8_t *bytes, size_t size,
					   uint64_t address)
{
	enum symbols_status status = SYMBOLS_OK;
	struct arm64_stub stub;
	size_t at = 0;

	while (at < size && status == SYMBOLS_OK) {
		stub.size_bytes = ARM64_INSTRUCTION_BYTES;
		if (arm64_stub_read(bytes + at, size - at, address + at, &stub))
			status = add_named(plt, stub.slot, stub.size_bytes, address + at);
		at += stub.size_bytes;
	}
	return status;
}

/* .plt.got without IBT: each stub is a jump and two bytes of padding. */
static bool has_short_stubs(const struct plt *plt, const uint8_t *bytes, size_t size)
{
	if (size < SHORT_STUB_BYTES || !is_jump(plt, bytes))
		return false;
	return size == SHORT_STUB_BYTES || is_jump(plt, bytes + SHORT_STUB_BYTES);
}

static enum symbols_status add_x86_stubs(const struct plt *plt, const uint8_t *bytes, size_t size,
					 uint64_t address)
{
	size_t stub_size = has_short_stubs(plt, bytes, size) ? SHORT_STUB_BYTES : STUB_BYTES;
	enum symbols_status status = SYMBOLS_OK;

	for (size_t at = 0; at + stub_size <= size && status == SYMBOLS_OK; at += stub_size)
		status = add_stub(plt, bytes + at, stub_size, address + at);
	return status;
}

static enum symbols_status add_stubs(const struct plt *plt, const char *section_name)
{
	const struct elf_section *section = elf_image_section(plt->image, section_name);
	enum symbols_status status;
	size_t size;
	uint8_t *bytes;

	if (!section)
		return SYMBOLS_OK;
	status = elf_image_load_section(plt->image, section, PLT_MAX_BYTES, &bytes, &size);
	if (status != SYMBOLS_OK)
		return status;
	if (plt->image->machine == EM_AARCH64)
		status = add_arm64_stubs(plt, bytes, size, section->address);
	else
		status = add_x86_stubs(plt, bytes, size, section->address);
	elf_image_give(plt->image, size);
	free(bytes);
	return status;
}

static uint64_t table_address(const struct elf_image *image)
{
	const struct elf_section *table = elf_image_section(image, ".got.plt");

	if (!table)
		table = elf_image_section(image, ".got");
	return table ? table->address : 0;
}

enum symbols_status plt_add_functions(struct function_table_builder *builder,
				      const struct elf_image *image)
{
	static const char *const relocations[2][2] = {{".rela.plt", ".rela.dyn"},
						      {".rel.plt", ".rel.dyn"}};
	static const char *const stubs[] = {".plt", ".plt.sec", ".plt.got"};
	struct plt plt = {.image = image, .builder = builder};
	enum symbols_status status = SYMBOLS_OK;

	if ((image->machine != EM_X86_64 && image->machine != EM_386 &&
	     image->machine != EM_AARCH64) ||
	    !elf_image_section(image, ".plt"))
		return SYMBOLS_OK;
	plt.table = table_address(image);
	for (size_t i = 0; i < 2 && status == SYMBOLS_OK; i++)
		status = load_slots(&plt, relocations[image->is_32bit][i]);
	if (status == SYMBOLS_OK)
		status = load_symbols(&plt);
	if (status == SYMBOLS_OK)
		status = sort_slots(&plt);
	for (size_t i = 0; i < 3 && status == SYMBOLS_OK; i++)
		status = add_stubs(&plt, stubs[i]);
	elf_image_give(image, plt.slot_capacity * sizeof(plt.slots[0]) + plt.symbols_bytes +
				      plt.strings_bytes);
	free(plt.slots);
	free(plt.symbols);
	free(plt.strings);
	return symbols_status_ends_load(status) ? status : SYMBOLS_OK;
}
