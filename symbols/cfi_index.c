/* symbols/cfi_index.c - the entries of a call frame section by address */
#include "symbols/cfi_index.h"

#include <dwarf.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cursor.h"
#include "base/search.h"
#include "symbols/cfi_record.h"

#define HEADER_BYTES       12u /* version, three encodings, pointer to .eh_frame, count */
#define HEADER_TABLE_ENTRY 8u

#define RECORDS_OF_STEP 4096u

/* .eh_frame_hdr as every linker writes it. With other encodings the records are walked. */
struct header {
	uint64_t address;
	uint64_t file_offset;
	uint64_t eh_frame_address;
	uint32_t count;
};

static enum symbols_status read_header(const struct elf_image *image, struct header *ret_header)
{
	/* Version, and the encodings of the pointer to .eh_frame, the count, and the table. */
	static const uint8_t usual[] = {1, DW_EH_PE_pcrel | DW_EH_PE_sdata4, DW_EH_PE_udata4,
					DW_EH_PE_datarel | DW_EH_PE_sdata4};
	struct header header = {.address = image->eh_frame_header_address};
	uint8_t bytes[HEADER_BYTES] = {0};
	struct cursor cursor = cursor_over(bytes, sizeof(bytes));
	enum symbols_status status;

	if (header.address == 0 ||
	    !elf_image_address_to_offset(image, header.address, &header.file_offset))
		return SYMBOLS_NOT_FOUND;
	status = elf_image_read(image, header.file_offset, bytes, sizeof(bytes));
	if (status != SYMBOLS_OK)
		return status;
	if (memcmp(cursor_take(&cursor, sizeof(usual)), usual, sizeof(usual)) != 0)
		return SYMBOLS_NOT_FOUND;
	header.eh_frame_address = header.address + 4 + (uint64_t)cursor_signed(&cursor, 4);
	header.count = cursor_u32(&cursor);
	*ret_header = header;
	return SYMBOLS_OK;
}

enum symbols_status cfi_index_locate_eh_frame(const struct elf_image *image,
					      struct elf_section *ret_section)
{
	struct elf_section found = {.name = ".eh_frame", .type = SHT_PROGBITS};
	struct header header;
	enum symbols_status status = read_header(image, &header);

	if (status != SYMBOLS_OK)
		return status;
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *segment = &image->segments[i];
		uint64_t delta = header.eh_frame_address - segment->address;

		if (header.eh_frame_address < segment->address || delta >= segment->file_bytes)
			continue;
		found.address = header.eh_frame_address;
		found.file_offset = segment->file_offset + delta;
		found.size_bytes = segment->file_bytes - delta;
		*ret_section = found;
		return SYMBOLS_OK;
	}
	return SYMBOLS_NOT_FOUND;
}

/* Entries have 32-bit distances, so that half a million entries of a browser need 4 MB. Code that
 * is 4 GiB or more above the lowest segment is not indexed. */
static uint64_t lowest_address(const struct elf_image *image)
{
	uint64_t lowest = UINT64_MAX;

	for (size_t i = 0; i < image->segment_count; i++) {
		if (image->segments[i].address < lowest)
			lowest = image->segments[i].address;
	}
	return lowest == UINT64_MAX ? 0 : lowest;
}

static bool convert_table(struct cfi_section *section, const struct header *header,
			  struct cursor *table)
{
	uint32_t previous = 0;

	for (size_t i = 0; i < header->count; i++) {
		uint64_t start =
			header->address + (uint64_t)cursor_signed(table, 4) - section->base_address;
		uint64_t offset =
			header->address + (uint64_t)cursor_signed(table, 4) - section->address;

		if (start > UINT32_MAX || start < previous || offset >= section->size_bytes)
			return false;
		previous = (uint32_t)start;
		section->entries[i] = (struct cfi_entry){(uint32_t)start, (uint32_t)offset};
	}
	section->entry_count = header->count;
	return true;
}

/* An FDE has at least 16 bytes, so a table with more entries than that is invalid. */
static enum symbols_status build_from_header(const struct elf_image *image,
					     struct cfi_section *section)
{
	struct header header;
	struct cursor cursor;
	size_t size;
	uint8_t *table;
	enum symbols_status status = read_header(image, &header);

	if (status != SYMBOLS_OK)
		return status;
	if (header.count == 0 || header.count > section->size_bytes / 16 ||
	    header.eh_frame_address != section->address)
		return SYMBOLS_NOT_FOUND;
	size = (size_t)header.count * HEADER_TABLE_ENTRY;
	if (!elf_image_take(image, size + header.count * sizeof(section->entries[0])))
		return SYMBOLS_MEMORY_LIMIT;
	table = malloc(size);
	section->entries = malloc(header.count * sizeof(section->entries[0]));
	if (!table || !section->entries) {
		free(table);
		return SYMBOLS_NO_MEMORY;
	}
	status = elf_image_read(image, header.file_offset + HEADER_BYTES, table, size);
	cursor = cursor_over(table, size);
	if (status == SYMBOLS_OK && !convert_table(section, &header, &cursor))
		status = SYMBOLS_CORRUPT;
	elf_image_give(image, size);
	free(table);
	return status;
}

struct walk {
	const struct elf_image *image;
	const struct cfi_section *section;
	struct cfi_cie cie;
	uint64_t cie_offset; /* of `cie`; UINT64_MAX at first */
	struct cfi_entry *entries;
	size_t count;
	size_t capacity;
	size_t records;
};

/* Takes the memory of an array that doubles. */
static bool take_growth(const struct walk *walk)
{
	const size_t added = walk->capacity ? walk->capacity : ARRAY_FIRST_CAPACITY;

	return walk->count < walk->capacity ||
	       elf_image_take(walk->image, added * sizeof(walk->entries[0]));
}

static enum symbols_status append(struct walk *walk, uint64_t start, uint64_t offset)
{
	uint64_t delta = start - walk->section->base_address;
	struct cfi_entry *grown;

	if (delta > UINT32_MAX)
		return SYMBOLS_OK;
	if (!take_growth(walk))
		return SYMBOLS_MEMORY_LIMIT;
	grown = array_grow(walk->entries, &walk->capacity, walk->count + 1, sizeof(*grown),
			   ARRAY_NO_LIMIT);
	if (!grown)
		return SYMBOLS_NO_MEMORY;
	walk->entries = grown;
	walk->entries[walk->count++] = (struct cfi_entry){(uint32_t)delta, (uint32_t)offset};
	return SYMBOLS_OK;
}

/* Skips an invalid FDE: call stacks through its code end with "no unwind information". */
static enum symbols_status index_fde(struct walk *walk, uint64_t offset, struct cfi_record *record)
{
	uint64_t start, size;

	if (walk->cie_offset != record->cie_offset || record->cie_offset == UINT64_MAX) {
		if (cfi_record_cie(walk->section, record->cie_offset, &walk->cie) != SYMBOLS_OK)
			return SYMBOLS_OK;
		walk->cie_offset = record->cie_offset;
	}
	if (cfi_record_range(walk->section, &walk->cie, &record->body, &start, &size) !=
		    SYMBOLS_OK ||
	    size == 0)
		return SYMBOLS_OK;
	return append(walk, start, offset);
}

/* Stops at the first record that does not fit, and keeps the entries before it. */
static enum symbols_status walk_records(struct walk *walk)
{
	struct cfi_record record;
	uint64_t offset = 0;

	while (cfi_record_at(walk->section, offset, &record) == SYMBOLS_OK &&
	       record.kind != CFI_RECORD_END) {
		enum symbols_status status = SYMBOLS_OK;

		if (++walk->records % RECORDS_OF_STEP == 0 && !elf_image_may_go_on(walk->image))
			return SYMBOLS_TIMEOUT;
		if (record.kind == CFI_RECORD_FDE)
			status = index_fde(walk, offset, &record);
		if (status != SYMBOLS_OK)
			return status;
		offset = record.next_offset;
	}
	return walk->count > 0 ? SYMBOLS_OK : SYMBOLS_NOT_FOUND;
}

static int compare_entries(const void *left, const void *right)
{
	const struct cfi_entry *a = left;
	const struct cfi_entry *b = right;

	return (a->start_delta > b->start_delta) - (a->start_delta < b->start_delta);
}

static bool is_sorted(const struct walk *walk)
{
	for (size_t i = 1; i < walk->count; i++) {
		if (walk->entries[i].start_delta < walk->entries[i - 1].start_delta)
			return false;
	}
	return true;
}

/* qsort() takes memory as well. */
static enum symbols_status sort(struct walk *walk)
{
	const size_t bytes = walk->count * sizeof(walk->entries[0]);

	if (is_sorted(walk))
		return SYMBOLS_OK;
	if (!elf_image_take(walk->image, bytes))
		return SYMBOLS_MEMORY_LIMIT;
	qsort(walk->entries, walk->count, sizeof(walk->entries[0]), compare_entries);
	elf_image_give(walk->image, bytes);
	return SYMBOLS_OK;
}

static enum symbols_status build_by_walk(const struct elf_image *image, struct cfi_section *section)
{
	struct walk walk = {.image = image, .section = section, .cie_offset = UINT64_MAX};
	enum symbols_status status = walk_records(&walk);

	if (status == SYMBOLS_OK)
		status = sort(&walk);
	if (status != SYMBOLS_OK) {
		free(walk.entries);
		return status;
	}
	free(section->entries);
	section->entries = walk.entries;
	section->entry_count = walk.count;
	return SYMBOLS_OK;
}

enum symbols_status cfi_index_build(const struct elf_image *image, struct cfi_section *section)
{
	enum symbols_status status = SYMBOLS_NOT_FOUND;

	section->base_address = lowest_address(image);
	if (!section->is_debug_frame)
		status = build_from_header(image, section);
	if (status == SYMBOLS_OK || symbols_status_ends_load(status))
		return status;
	return build_by_walk(image, section);
}

static bool starts_before(const void *table, size_t index, uint64_t delta)
{
	const struct cfi_entry *entries = table;

	return entries[index].start_delta <= delta;
}

const struct cfi_entry *cfi_index_find(const struct cfi_section *section, uint64_t address)
{
	uint64_t delta = address - section->base_address;
	size_t count;

	if (address < section->base_address || delta > UINT32_MAX)
		return NULL;
	count = search_lower_bound(section->entries, section->entry_count, delta, starts_before);
	return count > 0 ? &section->entries[count - 1] : NULL;
}

uint64_t cfi_index_next_start(const struct cfi_section *section, uint64_t address)
{
	uint64_t delta = address - section->base_address;
	size_t count = 0;

	if (section->entry_count == 0 || (address > section->base_address && delta > UINT32_MAX))
		return UINT64_MAX;
	if (address >= section->base_address)
		count = search_lower_bound(section->entries, section->entry_count, delta,
					   starts_before);
	if (count == section->entry_count)
		return UINT64_MAX;
	return section->base_address + section->entries[count].start_delta;
}
