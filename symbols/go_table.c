/* symbols/go_table.c - .gopclntab: the functions of a Go program and their stack pointer deltas */
#include "symbols/go_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/search.h"
#include "symbols/function_table.h"

enum {
	MAGIC_1_16 = 0xfffffffa,
	MAGIC_1_18 = 0xfffffff0,
	MAGIC_1_20 = 0xfffffff1,
};

/* The longest name of special_functions.h has 28 bytes. */
#define SPECIAL_NAME_MAX_BYTES 64u

#define WORD_BYTES 8u
#define RSP        7u
#define RIP        16u
/* In a function's record, behind its address: name, arguments, deferred return, stack deltas. */
#define NAME_FIELD   0u
#define DELTAS_FIELD 12u

static struct cursor cursor_at(const struct go_table *table, uint64_t offset)
{
	if (offset > table->size_bytes)
		offset = table->size_bytes;
	return cursor_over(table->bytes + offset, (size_t)(table->size_bytes - offset));
}

/* Before Go 1.18 addresses are absolute. Since then they are relative to an address in the header,
 * or to the start of .text if that is 0, as in position-independent programs. */
static enum symbols_status read_header(struct go_table *table, uint64_t text_section_address)
{
	struct cursor cursor = cursor_at(table, 0);
	uint32_t magic = cursor_u32(&cursor);
	uint8_t pointer_bytes;

	cursor_take(&cursor, 2);
	table->quantum = cursor_u8(&cursor);
	pointer_bytes = cursor_u8(&cursor);
	if (pointer_bytes != WORD_BYTES || table->quantum == 0)
		return SYMBOLS_NOT_FOUND;
	if (magic != MAGIC_1_16 && magic != MAGIC_1_18 && magic != MAGIC_1_20)
		return SYMBOLS_NOT_FOUND;
	table->function_count = cursor_u64(&cursor);
	cursor_u64(&cursor); /* number of files */
	table->address_bytes = magic == MAGIC_1_16 ? 8 : 4;
	if (magic != MAGIC_1_16) {
		table->text_address = cursor_u64(&cursor);
		if (table->text_address == 0)
			table->text_address = text_section_address;
	}
	table->names_offset = cursor_u64(&cursor);
	table->names_end = cursor_u64(&cursor); /* compilation units follow */
	cursor_u64(&cursor);                    /* names of files */
	table->deltas_offset = cursor_u64(&cursor);
	table->functions_offset = cursor_u64(&cursor);
	return cursor.failed ? SYMBOLS_CORRUPT : SYMBOLS_OK;
}

/* The table of functions has pairs of an address and an offset, then the address of the end. */
static bool is_valid(const struct go_table *table)
{
	uint64_t pair_bytes = 2 * table->address_bytes;

	return table->function_count > 0 && table->functions_offset < table->size_bytes &&
	       table->function_count < (table->size_bytes - table->functions_offset) / pair_bytes;
}

/* Cuts names that are too long. The sections that follow the names have other contents. */
static void cut_names(struct go_table *table)
{
	const uint64_t end =
		table->names_end < table->size_bytes ? table->names_end : table->size_bytes;
	size_t length = 0;

	for (uint64_t i = table->names_offset; i < end; i++) {
		length = table->bytes[i] ? length + 1 : 0;
		if (length <= FUNCTION_NAME_MAX_BYTES)
			continue;
		table->bytes[i] = 0;
		length = 0;
	}
}

enum symbols_status go_table_load(const struct elf_image *image, struct go_table *ret_table)
{
	const struct elf_section *section = elf_image_section(image, ".gopclntab");
	const struct elf_section *text = elf_image_section(image, ".text");
	struct go_table table = {.bytes = NULL};
	enum symbols_status status;

	if (!section) /* in position-independent programs */
		section = elf_image_section(image, ".data.rel.ro.gopclntab");
	if (!section || !text)
		return SYMBOLS_NOT_FOUND;
	status = elf_image_load_section(image, section, GO_TABLE_MAX_BYTES, &table.bytes,
					&table.size_bytes);
	if (status == SYMBOLS_OK)
		status = read_header(&table, text->address);
	if (status == SYMBOLS_OK && !is_valid(&table))
		status = SYMBOLS_CORRUPT;
	if (status != SYMBOLS_OK) {
		elf_image_give(image, table.size_bytes);
		go_table_release(&table);
		return status;
	}
	cut_names(&table);
	*ret_table = table;
	return SYMBOLS_OK;
}

void go_table_release(struct go_table *table)
{
	free(table->bytes);
	memset(table, 0, sizeof(*table));
}

/* The address at function_count is the end of the last function. */
static uint64_t address_of(const struct go_table *table, uint64_t index)
{
	struct cursor cursor =
		cursor_at(table, table->functions_offset + index * 2 * table->address_bytes);

	return table->text_address + cursor_unsigned(&cursor, table->address_bytes);
}

/* A cursor at a field of the record of a function. */
static struct cursor record_at(const struct go_table *table, uint64_t index, uint64_t field)
{
	struct cursor cursor =
		cursor_at(table, table->functions_offset + (index * 2 + 1) * table->address_bytes);
	uint64_t offset = cursor_unsigned(&cursor, table->address_bytes);

	if (cursor.failed || offset > table->size_bytes)
		return cursor_at(table, table->size_bytes);
	return cursor_at(table, table->functions_offset + offset + table->address_bytes + field);
}

/* NULL: it has none, or one of `limit_bytes` or more. */
static const char *name_of(const struct go_table *table, uint64_t index, size_t limit_bytes)
{
	struct cursor record = record_at(table, index, NAME_FIELD);
	uint32_t name_offset = cursor_u32(&record);
	struct cursor name = cursor_at(table, table->names_offset + name_offset);

	if (record.failed)
		return NULL;
	if (cursor_left(&name) > limit_bytes)
		name.end = name.at + limit_bytes;
	return cursor_string(&name);
}

static bool starts_before(const void *table, size_t index, uint64_t address)
{
	return address_of(table, index) <= address;
}

static bool find_index(const struct go_table *table, uint64_t address, uint64_t *ret_index)
{
	size_t count;

	if (table->function_count == 0 || address < address_of(table, 0) ||
	    address >= address_of(table, table->function_count))
		return false;
	count = search_lower_bound(table, (size_t)table->function_count, address, starts_before);
	*ret_index = count - 1;
	return count > 0;
}

bool go_table_find(const struct go_table *table, uint64_t address, struct function *ret_function)
{
	const char *name;
	uint64_t index;

	if (!find_index(table, address, &index))
		return false;
	name = name_of(table, index, FUNCTION_NAME_MAX_BYTES + 1);
	if (!name || !name[0])
		return false;
	ret_function->name = name;
	ret_function->offset_bytes = address - address_of(table, index);
	return true;
}

void go_table_note_special_functions(const struct go_table *table,
				     struct special_functions *special_functions)
{
	for (uint64_t i = 0; i < table->function_count; i++) {
		const char *name = name_of(table, i, SPECIAL_NAME_MAX_BYTES);
		uint64_t start = address_of(table, i);

		if (name)
			special_functions_note(special_functions, name, start,
					       address_of(table, i + 1) - start);
	}
}

/* Pairs of a change of the delta (zigzag) and the number of quanta for which the sum is valid. The
 * sum starts at -1.
 *
 * Example: 02 05 20 03 with a quantum of 1. 0x02 is +1, so the delta is 0 for the first 5 bytes;
 * 0x20 is +16, so it is 16 for the next 3. */
static enum symbols_status find_delta(const struct go_table *table, struct cursor pairs,
				      uint64_t distance, uint32_t *steps_left, int64_t *ret_delta)
{
	int64_t delta = -1;
	uint64_t covered = 0;

	while (*steps_left > 0) {
		uint64_t change = cursor_uleb128(&pairs);

		--*steps_left;
		if (pairs.failed || (change == 0 && covered != 0))
			return SYMBOLS_NOT_FOUND;
		delta = (int64_t)((uint64_t)delta + (change >> 1 ^ (0 - (change & 1))));
		covered += cursor_uleb128(&pairs) * table->quantum;
		if (distance < covered) {
			*ret_delta = delta;
			return SYMBOLS_OK;
		}
	}
	return SYMBOLS_LIMIT;
}

/* Go preserves no register across calls except the stack pointer, and the frame pointer for other
 * tools. */
static void make_row(int64_t delta, struct cfi_row *ret_row)
{
	memset(ret_row, 0, sizeof(*ret_row));
	for (size_t i = 0; i < REGISTERS_MAX; i++)
		ret_row->registers[i].kind = CFI_RULE_UNDEFINED;
	ret_row->cfa = (struct cfi_rule){
		.kind = CFI_RULE_REGISTER, .number = RSP, .offset = delta + (int64_t)WORD_BYTES};
	ret_row->registers[RSP].kind = CFI_RULE_UNSPECIFIED;
	ret_row->registers[RIP] =
		(struct cfi_rule){.kind = CFI_RULE_OFFSET, .offset = -(int64_t)WORD_BYTES};
	ret_row->return_register = RIP;
}

enum symbols_status go_table_find_row(const struct go_table *table, uint64_t address,
				      uint32_t *steps_left, struct cfi_row *ret_row)
{
	struct cursor record;
	enum symbols_status status;
	uint32_t deltas;
	uint64_t index;
	int64_t delta;

	if (!find_index(table, address, &index))
		return SYMBOLS_NOT_FOUND;
	record = record_at(table, index, DELTAS_FIELD);
	deltas = cursor_u32(&record);
	if (record.failed || deltas == 0) /* 0: no table */
		return SYMBOLS_NOT_FOUND;
	status = find_delta(table, cursor_at(table, table->deltas_offset + deltas),
			    address - address_of(table, index), steps_left, &delta);
	if (status == SYMBOLS_OK)
		make_row(delta, ret_row);
	return status;
}
