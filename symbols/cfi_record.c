/* symbols/cfi_record.c - the records of a call frame section: CIE and FDE */
#include "symbols/cfi_record.h"

#include <dwarf.h>
#include <string.h>

/* By the low four bits of an encoding. The size is 0 for LEB128 and for undefined formats, and that
 * of an address for DW_EH_PE_absptr. */
static const struct {
	uint8_t size;
	bool is_signed;
	bool is_leb128;
} formats[16] = {
	[DW_EH_PE_absptr] = {0, false, false}, [DW_EH_PE_uleb128] = {0, false, true},
	[DW_EH_PE_udata2] = {2, false, false}, [DW_EH_PE_udata4] = {4, false, false},
	[DW_EH_PE_udata8] = {8, false, false}, [DW_EH_PE_sleb128] = {0, true, true},
	[DW_EH_PE_sdata2] = {2, true, false},  [DW_EH_PE_sdata4] = {4, true, false},
	[DW_EH_PE_sdata8] = {8, true, false},
};

static unsigned int address_bytes(const struct cfi_section *section)
{
	return section->is_32bit ? 4 : 8;
}

static uint64_t read_format(const struct cfi_section *section, struct cursor *cursor,
			    uint8_t encoding)
{
	unsigned int format = encoding & 0x0f;

	if (format == DW_EH_PE_absptr)
		return cursor_unsigned(cursor, address_bytes(section));

	if (formats[format].is_leb128)
		return cursor_leb128(cursor, formats[format].is_signed);
	if (formats[format].size == 0) {
		cursor->failed = true;
		return 0;
	}
	if (formats[format].is_signed)
		return (uint64_t)cursor_signed(cursor, formats[format].size);
	return cursor_unsigned(cursor, formats[format].size);
}

uint64_t cfi_record_pointer(const struct cfi_section *section, struct cursor *cursor,
			    uint8_t encoding)
{
	uint64_t here = section->address + (uint64_t)(cursor->at - section->bytes);
	uint64_t mask = section->is_32bit ? UINT32_MAX : UINT64_MAX;
	uint64_t value = read_format(section, cursor, encoding);

	switch (encoding & 0xf0) {
	case 0: /* absolute */
		return value & mask;
	case DW_EH_PE_pcrel:
		return (value + here) & mask;
	default: /* relative to text, data or function, or indirect: no linker writes these here */
		cursor->failed = true;
		return 0;
	}
}

enum symbols_status cfi_record_at(const struct cfi_section *section, uint64_t offset,
				  struct cfi_record *ret_record)
{
	struct cursor cursor;
	struct cfi_record record = {.kind = CFI_RECORD_END};
	uint64_t length, id, id_offset;
	unsigned int id_size = 4;

	if (offset >= section->size_bytes || section->size_bytes - offset < 4) {
		*ret_record = record;
		return SYMBOLS_OK;
	}
	cursor = cursor_over(section->bytes + offset, (size_t)(section->size_bytes - offset));
	length = cursor_u32(&cursor);
	if (length == UINT32_MAX) {
		length = cursor_u64(&cursor);
		id_size = section->is_debug_frame ? 8 : 4;
	}
	if (length == 0) { /* the terminator of .eh_frame */
		*ret_record = record;
		return SYMBOLS_OK;
	}
	if (cursor.failed || length > cursor_left(&cursor) || length < id_size)
		return SYMBOLS_CORRUPT;
	cursor.end = cursor.at + length;
	record.next_offset = (uint64_t)(cursor.end - section->bytes);
	id_offset = (uint64_t)(cursor.at - section->bytes);
	id = cursor_unsigned(&cursor, id_size);
	record.body = cursor;
	if (section->is_debug_frame) {
		bool is_cie = id == (id_size == 8 ? UINT64_MAX : UINT32_MAX);

		record.kind = is_cie ? CFI_RECORD_CIE : CFI_RECORD_FDE;
		record.cie_offset = id;
	} else {
		record.kind = id == 0 ? CFI_RECORD_CIE : CFI_RECORD_FDE;
		record.cie_offset = id_offset - id; /* beyond the section if it wraps */
	}
	*ret_record = record;
	return SYMBOLS_OK;
}

/* Returns false for an unknown letter: the size of its data is unknown, so the rest is skipped. */
static bool read_augmentation_letter(const struct cfi_section *section, char letter,
				     struct cursor *data, struct cfi_cie *cie)
{
	uint8_t encoding;

	switch (letter) {
	case 'R':
		cie->pointer_encoding = cursor_u8(data);
		return true;
	case 'P':
		encoding = cursor_u8(data) & 0x7f; /* without DW_EH_PE_indirect */
		cfi_record_pointer(section, data, encoding);
		return true;
	case 'L':
		cursor_u8(data);
		return true;
	case 'S':
		cie->signal_frame = true;
		return true;
	case 'B': /* AArch64: return addresses are signed with key B */
		return true;
	default:
		return false;
	}
}

static enum symbols_status read_augmentation(const struct cfi_section *section, const char *letters,
					     struct cursor *cursor, struct cfi_cie *cie)
{
	uint64_t size = cursor_uleb128(cursor);
	const uint8_t *bytes = cursor_take(cursor, size);
	struct cursor data;

	if (!bytes)
		return SYMBOLS_CORRUPT;
	data = cursor_over(bytes, (size_t)size);
	cie->augmented = true;
	while (*letters && read_augmentation_letter(section, *letters, &data, cie))
		letters++;
	return data.failed ? SYMBOLS_CORRUPT : SYMBOLS_OK;
}

static enum symbols_status read_cie(const struct cfi_section *section, struct cursor cursor,
				    struct cfi_cie *cie)
{
	uint8_t version = cursor_u8(&cursor);
	const char *letters = cursor_string(&cursor);
	enum symbols_status status = SYMBOLS_OK;
	uint64_t return_register;

	if (!letters || (version != 1 && version != 3 && version != 4))
		return SYMBOLS_CORRUPT;
	if (version == 4) {
		uint8_t address_size = cursor_u8(&cursor);
		uint8_t selector_size = cursor_u8(&cursor);

		if (address_size != address_bytes(section) || selector_size != 0)
			return SYMBOLS_CORRUPT;
	}
	cie->code_alignment = cursor_uleb128(&cursor);
	cie->data_alignment = cursor_sleb128(&cursor);
	return_register = version == 1 ? cursor_u8(&cursor) : cursor_uleb128(&cursor);
	if (return_register >= REGISTERS_MAX)
		return SYMBOLS_CORRUPT;
	cie->return_register = (uint8_t)return_register;
	if (letters[0] == 'z')
		status = read_augmentation(section, letters + 1, &cursor, cie);
	else if (letters[0] != '\0')
		status = SYMBOLS_CORRUPT; /* an augmentation of unknown size */
	cie->instructions = cursor;
	return cursor.failed ? SYMBOLS_CORRUPT : status;
}

enum symbols_status cfi_record_cie(const struct cfi_section *section, uint64_t offset,
				   struct cfi_cie *ret_cie)
{
	struct cfi_cie cie = {.pointer_encoding = DW_EH_PE_absptr};
	struct cfi_record record;
	enum symbols_status status = cfi_record_at(section, offset, &record);

	if (status == SYMBOLS_OK &&
	    (record.kind != CFI_RECORD_CIE || cursor_left(&record.body) > CFI_CIE_MAX_BYTES))
		status = SYMBOLS_CORRUPT;
	if (status == SYMBOLS_OK)
		status = read_cie(section, record.body, &cie);
	if (status == SYMBOLS_OK)
		*ret_cie = cie;
	return status;
}

enum symbols_status cfi_record_range(const struct cfi_section *section, const struct cfi_cie *cie,
				     struct cursor *body, uint64_t *ret_start, uint64_t *ret_size)
{
	uint64_t start = cfi_record_pointer(section, body, cie->pointer_encoding);
	/* The size has the format of the start, but is absolute. */
	uint64_t size = read_format(section, body, cie->pointer_encoding);

	if (body->failed || start + size < start)
		return SYMBOLS_CORRUPT;
	*ret_start = start;
	*ret_size = size;
	return SYMBOLS_OK;
}

enum symbols_status cfi_record_fde(const struct cfi_section *section, uint64_t offset,
				   struct cfi_fde *ret_fde)
{
	struct cfi_record record;
	struct cfi_fde fde;
	enum symbols_status status = cfi_record_at(section, offset, &record);

	if (status == SYMBOLS_OK && record.kind != CFI_RECORD_FDE)
		status = SYMBOLS_CORRUPT;
	if (status == SYMBOLS_OK)
		status = cfi_record_cie(section, record.cie_offset, &fde.cie);
	if (status == SYMBOLS_OK)
		status = cfi_record_range(section, &fde.cie, &record.body, &fde.start, &fde.size);
	if (status != SYMBOLS_OK)
		return status;
	if (fde.cie.augmented) {
		uint64_t size = cursor_uleb128(&record.body);

		if (!cursor_take(&record.body, size))
			return SYMBOLS_CORRUPT;
	}
	fde.instructions = record.body;
	*ret_fde = fde;
	return SYMBOLS_OK;
}
