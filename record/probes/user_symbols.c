/* record/probes/user_symbols.c - the functions of a program or library, under all of their names
 */
#include "record/probes/user_symbols.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "symbols/elf_image.h"
#include "symbols/function_table.h"

#define SYMBOLS_AT_ONCE   512u
#define VERSION_HIDDEN    0x8000u
#define VERSION_MAX_BYTES (2u * FUNCTION_TABLE_SYMBOLS_MAX)

struct reading {
	const struct elf_image *image;
	const char *names;
	size_t names_bytes;
	const uint16_t *versions; /* NULL: none */
	size_t version_count;
	struct user_symbols *symbols;
};

static const struct elf_segment *code_at(const struct elf_image *image, uint64_t address)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *segment = &image->segments[i];

		if (segment->executable && address >= segment->address &&
		    address - segment->address < segment->file_bytes)
			return segment;
	}
	return NULL;
}

static enum user_symbol_rank rank_of(const struct reading *reading, const Elf64_Sym *symbol,
				     size_t index)
{
	if (reading->versions && index < reading->version_count &&
	    reading->versions[index] & VERSION_HIDDEN)
		return USER_SYMBOL_OLD;
	return ELF64_ST_BIND(symbol->st_info) == STB_LOCAL ? USER_SYMBOL_LOCAL : USER_SYMBOL_GLOBAL;
}

/* Returns false on allocation failure. */
static bool add(struct reading *reading, const Elf64_Sym *symbol, size_t index)
{
	struct user_symbols *symbols = reading->symbols;
	unsigned int type = ELF64_ST_TYPE(symbol->st_info);
	const struct elf_segment *segment = code_at(reading->image, symbol->st_value);
	struct user_symbol *grown;

	if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol->st_shndx == SHN_UNDEF ||
	    !segment || symbol->st_name >= reading->names_bytes ||
	    reading->names[symbol->st_name] == '\0')
		return true;
	grown = array_grow(symbols->symbols, &symbols->capacity, symbols->count + 1, sizeof(*grown),
			   2 * (size_t)FUNCTION_TABLE_SYMBOLS_MAX);
	if (!grown)
		return false;
	symbols->symbols = grown;
	grown[symbols->count++] = (struct user_symbol){
		.name = reading->names + symbol->st_name,
		.address = symbol->st_value,
		.file_offset = symbol->st_value - segment->address + segment->file_offset,
		.size_bytes = symbol->st_size,
		.rank = rank_of(reading, symbol, index),
		.is_indirect = type == STT_GNU_IFUNC,
	};
	return true;
}

static bool read_symbols(struct reading *reading, const struct elf_section *section)
{
	size_t each = elf_image_symbol_bytes(reading->image);
	size_t count = section->size_bytes / each;
	Elf64_Sym symbols[SYMBOLS_AT_ONCE];

	if (count > FUNCTION_TABLE_SYMBOLS_MAX)
		count = FUNCTION_TABLE_SYMBOLS_MAX;
	for (size_t first = 0; first < count; first += SYMBOLS_AT_ONCE) {
		size_t some = count - first < SYMBOLS_AT_ONCE ? count - first : SYMBOLS_AT_ONCE;

		if (elf_image_read_symbols(reading->image, section->file_offset + first * each,
					   some, symbols) != SYMBOLS_OK)
			return true;
		for (size_t i = 0; i < some; i++) {
			if (!add(reading, &symbols[i], first + i))
				return false;
		}
	}
	return true;
}

/* Loads the string section; a string that has no end is given one. */
static bool load_names(struct reading *reading, const struct elf_section *symbols, char **ret_names)
{
	const struct elf_image *image = reading->image;
	uint8_t *bytes;

	if (symbols->link >= image->section_count ||
	    elf_image_load_section(image, &image->sections[symbols->link],
				   FUNCTION_TABLE_STRINGS_MAX_BYTES, &bytes,
				   &reading->names_bytes) != SYMBOLS_OK)
		return false;
	if (reading->names_bytes)
		bytes[reading->names_bytes - 1] = '\0';
	*ret_names = (char *)bytes;
	reading->names = *ret_names;
	return true;
}

/* Reads one symbol table, if the file has it. Returns false on allocation failure. */
static bool read_table(const struct elf_image *image, uint32_t type, struct user_symbols *symbols,
		       char **ret_names)
{
	const struct elf_section *section = elf_image_section_of_type(image, type);
	const struct elf_section *versions = elf_image_section_of_type(image, SHT_GNU_versym);
	struct reading reading = {.image = image, .symbols = symbols};
	uint8_t *bytes = NULL;
	size_t size = 0;
	bool is_read;

	if (!section || !load_names(&reading, section, ret_names))
		return true;
	if (type == SHT_DYNSYM && versions &&
	    elf_image_load_section(image, versions, VERSION_MAX_BYTES, &bytes, &size) ==
		    SYMBOLS_OK) {
		reading.versions = (const uint16_t *)(const void *)bytes;
		reading.version_count = size / sizeof(uint16_t);
	}
	is_read = read_symbols(&reading, section);
	free(bytes);
	return is_read;
}

static int compare(const void *left, const void *right)
{
	const struct user_symbol *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	if (order == 0 && a->rank != b->rank)
		order = a->rank > b->rank ? -1 : 1;
	if (order == 0 && a->address != b->address)
		order = a->address < b->address ? -1 : 1;
	return order;
}

/* Both tables of a library have its exported functions. */
static void remove_repeated(struct user_symbols *symbols)
{
	size_t kept = 0;

	for (size_t i = 0; i < symbols->count; i++) {
		const struct user_symbol *last = kept ? &symbols->symbols[kept - 1] : NULL;

		if (!last || compare(last, &symbols->symbols[i]) != 0)
			symbols->symbols[kept++] = symbols->symbols[i];
	}
	symbols->count = kept;
}

bool user_symbols_read(int fd, struct user_symbols *ret_symbols, struct problem *ret_problem)
{
	struct user_symbols symbols = {0};
	struct elf_image image = {0};
	bool is_read;

	if (elf_image_open(fd, &image) != SYMBOLS_OK)
		return problem_set(ret_problem, "not a program or a library");
	is_read = read_table(&image, SHT_SYMTAB, &symbols, &symbols.names[0]) &&
		  read_table(&image, SHT_DYNSYM, &symbols, &symbols.names[1]);
	elf_image_release(&image);
	if (!is_read) {
		user_symbols_release(&symbols);
		return problem_set(ret_problem, "out of memory");
	}
	if (symbols.count)
		qsort(symbols.symbols, symbols.count, sizeof(*symbols.symbols), compare);
	remove_repeated(&symbols);
	*ret_symbols = symbols;
	return true;
}

static int compare_name(const void *name, const void *element)
{
	return strcmp(name, ((const struct user_symbol *)element)->name);
}

const struct user_symbol *user_symbols_find(const struct user_symbols *symbols, const char *name,
					    size_t *ret_count)
{
	const struct user_symbol *end = symbols->symbols + symbols->count, *found = NULL;

	*ret_count = 0;
	if (symbols->count)
		found = bsearch(name, symbols->symbols, symbols->count, sizeof(*found),
				compare_name);
	while (found && found > symbols->symbols && strcmp(found[-1].name, name) == 0)
		found--;
	for (const struct user_symbol *each = found; each && each < end; each++) {
		if (each->rank != found->rank || strcmp(each->name, name) != 0)
			break;
		(*ret_count)++;
	}
	return found;
}

bool user_symbols_code_at(int fd, uint64_t address, uint64_t *ret_offset)
{
	const struct elf_segment *segment;
	struct elf_image image = {0};

	if (elf_image_open(fd, &image) != SYMBOLS_OK)
		return false;
	segment = code_at(&image, address);
	if (segment)
		*ret_offset = address - segment->address + segment->file_offset;
	elf_image_release(&image);
	return segment != NULL;
}

void user_symbols_release(struct user_symbols *symbols)
{
	free(symbols->symbols);
	free(symbols->names[0]);
	free(symbols->names[1]);
	*symbols = (struct user_symbols){0};
}
