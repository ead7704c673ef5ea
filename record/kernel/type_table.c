/* record/kernel/type_table.c - types (BTF) by their ID, read where they are */
#include "record/kernel/type_table.h"

#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>

/* What follows a type, for each kind: bytes, and bytes for each of its members. */
static const struct kind {
	bool is_known;
	uint8_t bytes;
	uint8_t member_bytes;
} kinds[] = {
	[BTF_KIND_INT] = {true, sizeof(uint32_t), 0},
	[BTF_KIND_PTR] = {true, 0, 0},
	[BTF_KIND_ARRAY] = {true, sizeof(struct btf_array), 0},
	[BTF_KIND_STRUCT] = {true, 0, sizeof(struct btf_member)},
	[BTF_KIND_UNION] = {true, 0, sizeof(struct btf_member)},
	[BTF_KIND_ENUM] = {true, 0, sizeof(struct btf_enum)},
	[BTF_KIND_FWD] = {true, 0, 0},
	[BTF_KIND_TYPEDEF] = {true, 0, 0},
	[BTF_KIND_VOLATILE] = {true, 0, 0},
	[BTF_KIND_CONST] = {true, 0, 0},
	[BTF_KIND_RESTRICT] = {true, 0, 0},
	[BTF_KIND_FUNC] = {true, 0, 0},
	[BTF_KIND_FUNC_PROTO] = {true, 0, sizeof(struct btf_param)},
	[BTF_KIND_VAR] = {true, sizeof(struct btf_var), 0},
	[BTF_KIND_DATASEC] = {true, 0, sizeof(struct btf_var_secinfo)},
	[BTF_KIND_FLOAT] = {true, 0, 0},
	[BTF_KIND_DECL_TAG] = {true, sizeof(struct btf_decl_tag), 0},
	[BTF_KIND_TYPE_TAG] = {true, 0, 0},
	[BTF_KIND_ENUM64] = {true, 0, sizeof(struct btf_enum64)},
};

/* Returns the size of a type with all that follows it; 0: its kind is not known. */
static size_t size_of(const struct btf_type *type)
{
	const uint32_t number = btf_kind(type);

	if (number >= sizeof(kinds) / sizeof(kinds[0]) || !kinds[number].is_known)
		return 0;
	return sizeof(*type) + kinds[number].bytes +
	       (size_t)kinds[number].member_bytes * btf_vlen(type);
}

static bool find_types(struct type_table *table, size_t types_bytes)
{
	size_t at = 0;

	table->count = 1;
	while (types_bytes - at >= sizeof(struct btf_type)) {
		const void *type = table->types + at;
		const size_t size = size_of(type);

		if (size == 0 || size > types_bytes - at)
			return false;
		table->offsets[table->count++] = (uint32_t)at;
		at += size;
	}
	return at == types_bytes;
}

/* Whether a part of the file is inside of it, and where the members of types are aligned. */
static bool is_inside(const struct type_table *table, const struct btf_header *header,
		      uint32_t offset, uint32_t bytes)
{
	return (uint64_t)header->hdr_len + offset + bytes <= table->size_bytes;
}

bool type_table_open(const void *bytes, size_t size_bytes, struct type_table *ret_table)
{
	const struct btf_header *header = bytes;
	struct type_table table = {.bytes = bytes, .size_bytes = size_bytes};

	if (size_bytes < sizeof(*header) || header->magic != BTF_MAGIC ||
	    header->hdr_len < sizeof(*header) || header->hdr_len % sizeof(uint32_t) != 0 ||
	    header->type_off % sizeof(uint32_t) != 0 || header->str_len == 0 ||
	    !is_inside(&table, header, header->type_off, header->type_len) ||
	    !is_inside(&table, header, header->str_off, header->str_len))
		return false;
	table.types = table.bytes + header->hdr_len + header->type_off;
	table.strings = (const char *)table.bytes + header->hdr_len + header->str_off;
	table.string_bytes = header->str_len;
	if (table.strings[table.string_bytes - 1] != '\0')
		return false;
	/* One more, as void is none of them. Pages that are not used are not there. */
	table.offsets = calloc(header->type_len / sizeof(struct btf_type) + 1, sizeof(uint32_t));
	if (!table.offsets || !find_types(&table, header->type_len)) {
		free(table.offsets);
		return false;
	}
	*ret_table = table;
	return true;
}

void type_table_close(struct type_table *table)
{
	free(table->offsets);
	*table = (struct type_table){.count = 0};
}

uint32_t type_table_find(const struct type_table *table, const char *name, uint32_t kind)
{
	for (uint32_t id = 1; id < table->count; id++) {
		const struct btf_type *type = type_table_get(table, id);

		if (btf_kind(type) == kind &&
		    strcmp(type_table_name(table, type->name_off), name) == 0)
			return id;
	}
	return 0;
}
