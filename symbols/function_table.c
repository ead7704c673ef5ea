/* symbols/function_table.c - the functions of one ELF file by address */
#include "symbols/function_table.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/search.h"

#define CHUNK_SYMBOLS 512u
/* Entries that a lookup tries before the last one, for a function that encloses a label which ended
 * before the address. */
#define ENCLOSING_MAX 8u

/* More leading underscores make a name no worse. */
#define UNDERSCORES_MAX 15u

void function_table_builder_init(struct function_table_builder *builder, uint64_t base_address)
{
	memset(builder, 0, sizeof(*builder));
	builder->base_address = base_address;
	builder->pool = string_pool_empty(FUNCTION_TABLE_NAMES_MAX_BYTES);
}

void function_table_builder_release(struct function_table_builder *builder)
{
	free(builder->candidates);
	string_pool_release(&builder->pool);
	builder->candidates = NULL;
	builder->count = builder->capacity = 0;
	builder->pool = string_pool_empty(FUNCTION_TABLE_NAMES_MAX_BYTES);
}

bool function_table_builder_takes(const struct function_table_builder *builder, uint64_t start,
				  uint64_t size_bytes)
{
	return start >= builder->base_address && start - builder->base_address <= UINT32_MAX &&
	       size_bytes <= UINT32_MAX;
}

/* Takes the memory of one more candidate and its name: both are in blocks that double. */
static bool take_growth(const struct function_table_builder *builder, size_t name_length)
{
	size_t bytes = 2 * (name_length + 1);

	if (builder->count == builder->capacity)
		bytes += (builder->capacity ? builder->capacity : ARRAY_FIRST_CAPACITY) *
			 sizeof(builder->candidates[0]);
	return !builder->image || elf_image_take(builder->image, bytes);
}

enum symbols_status function_table_builder_add(struct function_table_builder *builder,
					       const struct function_candidate *candidate,
					       const char *name, size_t name_length)
{
	struct function_candidate *grown;
	enum symbols_status status;
	uint32_t pooled_name;

	if (!function_table_builder_takes(builder, candidate->start, candidate->size_bytes))
		return SYMBOLS_OK;
	if (!take_growth(builder, name_length))
		return SYMBOLS_MEMORY_LIMIT;
	grown = array_grow(builder->candidates, &builder->capacity, builder->count + 1,
			   sizeof(*grown), FUNCTION_TABLE_MAX);
	if (!grown)
		return builder->count >= FUNCTION_TABLE_MAX ? SYMBOLS_LIMIT : SYMBOLS_NO_MEMORY;
	builder->candidates = grown;
	status = string_pool_add(&builder->pool, name, name_length, &pooled_name);
	if (status != SYMBOLS_OK)
		return status;
	builder->candidates[builder->count] = *candidate;
	builder->candidates[builder->count++].name = pooled_name;
	return SYMBOLS_OK;
}

struct source {
	const struct elf_image *image;
	const char *strings;
	size_t strings_bytes; /* the last byte is NUL */
	bool is_exported;     /* .dynsym */
};

/* Several names can have one address. In this order, the better one has a size, is exported, has
 * fewer leading underscores, is not of an old version only (one '@'), is global rather than weak
 * rather than local, and is shorter: free and not cfree, kill and not __GI___kill. */
static uint32_t preference_of(const struct source *source, const Elf64_Sym *symbol,
			      const char *name, size_t length)
{
	static const uint32_t bindings[16] = {[STB_GLOBAL] = 2, [STB_WEAK] = 1};
	size_t underscores = 0;
	bool is_old_version = name[length] == '@' && name[length + 1] != '@';

	while (underscores < UNDERSCORES_MAX && name[underscores] == '_')
		underscores++;
	return (symbol->st_size > 0 ? 1u << 31 : 0) | (source->is_exported ? 1u << 30 : 0) |
	       (uint32_t)(UNDERSCORES_MAX - underscores) << 26 | (is_old_version ? 0 : 1u << 25) |
	       bindings[ELF64_ST_BIND(symbol->st_info)] << 23 |
	       (uint32_t)(FUNCTION_NAME_MAX_BYTES - length);
}

/* Without the version that a symbol table appends to some names: memcpy@@GLIBC_2.14. */
static size_t name_length(const char *name)
{
	size_t length = strnlen(name, FUNCTION_NAME_MAX_BYTES);
	const char *version = memchr(name, '@', length);

	return version ? (size_t)(version - name) : length;
}

/* Functions, and labels without a type in code (assembly); not the local labels of an assembler. */
static bool is_function(const struct elf_image *image, const Elf64_Sym *symbol)
{
	unsigned int type = ELF64_ST_TYPE(symbol->st_info);

	if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= image->section_count)
		return false;
	if (type == STT_FUNC || type == STT_GNU_IFUNC)
		return true;
	return type == STT_NOTYPE && (image->sections[symbol->st_shndx].flags & SHF_EXECINSTR);
}

static enum symbols_status add_symbol(struct function_table_builder *builder,
				      const struct source *source, const Elf64_Sym *symbol)
{
	const struct elf_section *section;
	struct function_candidate candidate;
	const char *name;
	size_t length;

	/* The range first: a name takes longer, and two million symbols can have the same long one.
	 */
	if (!is_function(source->image, symbol) || symbol->st_name >= source->strings_bytes ||
	    !function_table_builder_takes(builder, symbol->st_value, symbol->st_size))
		return SYMBOLS_OK;
	name = source->strings + symbol->st_name;
	length = name_length(name);
	if (length == 0)
		return SYMBOLS_OK;
	section = &source->image->sections[symbol->st_shndx];
	candidate = (struct function_candidate){
		.start = symbol->st_value,
		.size_bytes = symbol->st_size,
		.limit = section->address + section->size_bytes,
		.preference = preference_of(source, symbol, name, length),
	};
	return function_table_builder_add(builder, &candidate, name, length);
}

static enum symbols_status add_symbols(struct function_table_builder *builder,
				       const struct source *source,
				       const struct elf_section *symbols)
{
	size_t symbol_bytes = elf_image_symbol_bytes(source->image);
	uint64_t left = symbols->size_bytes / symbol_bytes;
	uint64_t offset = symbols->file_offset;
	Elf64_Sym chunk[CHUNK_SYMBOLS];

	if (left > FUNCTION_TABLE_SYMBOLS_MAX)
		return SYMBOLS_LIMIT;
	while (left > 0) {
		size_t count = left < CHUNK_SYMBOLS ? (size_t)left : CHUNK_SYMBOLS;
		enum symbols_status status =
			elf_image_read_symbols(source->image, offset, count, chunk);

		for (size_t i = 0; i < count && status == SYMBOLS_OK; i++)
			status = add_symbol(builder, source, &chunk[i]);
		if (status != SYMBOLS_OK)
			return status;
		left -= count;
		offset += count * symbol_bytes;
	}
	return SYMBOLS_OK;
}

enum symbols_status function_table_builder_add_section(struct function_table_builder *builder,
						       const struct elf_image *image,
						       const struct elf_section *symbols)
{
	size_t count_before = builder->count;
	size_t names_before = string_pool_bytes(&builder->pool);
	struct source source = {.image = image, .is_exported = symbols->type == SHT_DYNSYM};
	enum symbols_status status;
	uint8_t *strings;

	if (symbols->type == SHT_NOBITS || symbols->flags & SHF_COMPRESSED ||
	    symbols->link >= image->section_count)
		return SYMBOLS_NOT_FOUND;
	status = elf_image_load_section(image, &image->sections[symbols->link],
					FUNCTION_TABLE_STRINGS_MAX_BYTES, &strings,
					&source.strings_bytes);
	if (status != SYMBOLS_OK)
		return status;
	strings[source.strings_bytes - 1] = '\0';
	source.strings = (const char *)strings;
	status = add_symbols(builder, &source, symbols);
	elf_image_give(image, source.strings_bytes);
	free(strings);
	if (status != SYMBOLS_OK) {
		builder->count = count_before;
		string_pool_truncate(&builder->pool, names_before);
	}
	return status;
}

static int compare_candidates(const void *left, const void *right)
{
	const struct function_candidate *a = left;
	const struct function_candidate *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->preference != b->preference)
		return a->preference > b->preference ? -1 : 1;
	return (a->name > b->name) - (a->name < b->name);
}

/* The end of a function without a size: the next function or code, or the end of the section or of
 * the function that it is in. So it does not get the code of functions without names. */
static uint64_t estimate_end(const struct function_table_builder *builder,
			     const struct function_candidate *best,
			     const struct function_candidate *next, uint64_t enclosing_end)
{
	uint64_t end = best->limit > best->start ? best->limit : best->start;
	uint64_t start = UINT64_MAX;

	if (next && next->start < end)
		end = next->start;
	if (enclosing_end > best->start && enclosing_end < end)
		end = enclosing_end;
	if (builder->next_start)
		start = builder->next_start(builder->context, best->start);
	if (start < end)
		end = start;
	return end - best->start > UINT32_MAX ? best->start : end;
}

/* The candidates are sorted, the best of each address first. */
static void convert(const struct function_table_builder *builder, struct function_table *table)
{
	uint64_t enclosing_end = 0;

	for (size_t i = 0; i < builder->count;) {
		const struct function_candidate *best = &builder->candidates[i];
		uint64_t end = best->start + best->size_bytes;

		while (i < builder->count && builder->candidates[i].start == best->start)
			i++;
		if (best->size_bytes == 0)
			end = estimate_end(builder, best,
					   i < builder->count ? &builder->candidates[i] : NULL,
					   enclosing_end);
		else if (end > enclosing_end)
			enclosing_end = end;
		table->entries[table->count++] = (struct function_entry){
			.start_delta = (uint32_t)(best->start - builder->base_address),
			.size_bytes = (uint32_t)(end - best->start),
			.name = best->name,
		};
	}
}

static void shrink_entries(struct function_table *table)
{
	struct function_entry *entries =
		realloc(table->entries, table->count * sizeof(table->entries[0]));

	if (entries)
		table->entries = entries;
}

enum symbols_status function_table_builder_finish(struct function_table_builder *builder,
						  struct function_table *ret_table)
{
	struct function_table table = {.base_address = builder->base_address};

	if (builder->count == 0) {
		function_table_builder_release(builder);
		return SYMBOLS_NOT_FOUND;
	}
	/* qsort() takes memory as well. */
	if (builder->image &&
	    !elf_image_take(builder->image, builder->count * (sizeof(table.entries[0]) +
							      sizeof(builder->candidates[0])))) {
		function_table_builder_release(builder);
		return SYMBOLS_MEMORY_LIMIT;
	}
	table.entries = malloc(builder->count * sizeof(table.entries[0]));
	if (!table.entries) {
		function_table_builder_release(builder);
		return SYMBOLS_NO_MEMORY;
	}
	qsort(builder->candidates, builder->count, sizeof(builder->candidates[0]),
	      compare_candidates);
	convert(builder, &table);
	table.names = string_pool_take(&builder->pool, &table.names_bytes);
	function_table_builder_release(builder);
	shrink_entries(&table);
	*ret_table = table;
	return SYMBOLS_OK;
}

static bool starts_before(const void *table, size_t index, uint64_t delta)
{
	const struct function_entry *entries = table;

	return entries[index].start_delta <= delta;
}

bool function_table_find(const struct function_table *table, uint64_t address,
			 struct function *ret_function)
{
	uint64_t delta = address - table->base_address;
	size_t at;

	if (address < table->base_address || delta > UINT32_MAX)
		return false;
	at = search_lower_bound(table->entries, table->count, delta, starts_before);
	for (size_t tried = 0; at > 0 && tried < ENCLOSING_MAX; tried++) {
		const struct function_entry *entry = &table->entries[--at];

		if (delta - entry->start_delta < entry->size_bytes) {
			ret_function->name = table->names + entry->name;
			ret_function->offset_bytes = delta - entry->start_delta;
			return true;
		}
	}
	return false;
}

void function_table_release(struct function_table *table)
{
	free(table->entries);
	free(table->names);
	memset(table, 0, sizeof(*table));
}

size_t function_table_memory_bytes(const struct function_table *table)
{
	return table->count * sizeof(table->entries[0]) + table->names_bytes;
}
