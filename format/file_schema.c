/* format/file_schema.c - kinds and fields of a file, from its schema records */
#include "format/file_schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "format/limits.h"

static bool is_name(struct dz_bytes text)
{
	if (text.size < 1 || text.size > DZ_LIMIT_NAME_BYTES)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
			return false;
	}
	return true;
}

static bool is_printable(struct dz_bytes text, size_t limit)
{
	if (text.size > limit)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < 0x20 || text.data[i] > 0x7e)
			return false;
	}
	return true;
}

static bool is_bootstrap(uint64_t kind)
{
	return kind == DZ_KIND_STRING || kind == DZ_KIND_SCHEMA;
}

static bool same_text(struct dz_bytes a, struct dz_bytes b)
{
	return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

/* Returns whether record i can follow record i - 1. */
static bool in_order(const struct dz_schema_record *records, size_t i)
{
	const struct dz_schema_record *record = &records[i];

	if (i && record->kind == record[-1].kind)
		return record->field == record[-1].field + 1 &&
		       same_text(record->kind_name, record[-1].kind_name);
	return record->field == 0 && (i == 0 || record->kind > record[-1].kind);
}

static bool is_valid(const struct dz_schema_record *records, size_t count, size_t *ret_kinds)
{
	size_t kinds = 0;

	for (size_t i = 0; i < count; i++) {
		const struct dz_schema_record *record = &records[i];

		if (record->kind < 1 || record->kind > UINT16_MAX ||
		    record->field >= DZ_LIMIT_COLUMNS || !in_order(records, i) ||
		    !is_name(record->kind_name) || !is_name(record->name) ||
		    !is_printable(record->unit, DZ_LIMIT_NAME_BYTES) ||
		    !is_printable(record->meaning, DZ_LIMIT_STRING_BYTES))
			return false;
		kinds += record->field == 0 && !is_bootstrap(record->kind);
	}
	*ret_kinds = kinds;
	return kinds <= DZ_LIMIT_KINDS;
}

static uint16_t find_own_field(const struct dz_kind_schema *own,
			       const struct dz_field_schema *field)
{
	for (uint16_t i = 0; own && i < own->field_count; i++) {
		if (own->fields[i].type == field->type &&
		    strcmp(own->fields[i].name, field->name) == 0)
			return i;
	}
	return DZ_NO_FIELD;
}

/* Sets the members that follow from kind->schema. */
static bool finish_kind(struct dz_file_kind *kind)
{
	const struct dz_kind_schema *schema = &kind->schema;

	kind->own = dz_schema_find(schema->kind);
	kind->to_own = calloc(schema->field_count, sizeof(*kind->to_own));
	if (!kind->to_own)
		return false;
	kind->same = kind->own && kind->own->field_count <= schema->field_count;
	for (uint32_t i = 0; i < schema->field_count; i++) {
		kind->to_own[i] = find_own_field(kind->own, &schema->fields[i]);
		if (kind->own && i < kind->own->field_count && kind->to_own[i] != i)
			kind->same = false;
	}
	kind->timed = schema->kind >= DZ_KIND_FIRST_NOT_DICTIONARY &&
		      schema->fields[0].type == DZ_TYPE_TIME;
	return true;
}

static size_t texts_size(const struct dz_schema_record *records, uint32_t count)
{
	size_t size = records[0].kind_name.size + 1;

	for (uint32_t i = 0; i < count; i++)
		size += records[i].name.size + records[i].unit.size + records[i].meaning.size + 3;
	return size;
}

/* Copies a text to *at, adds a NUL, and moves *at behind it. Returns the copy. */
static const char *copy_text(struct dz_bytes text, char **at)
{
	char *copy = *at;

	if (text.size)
		memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	*at += text.size + 1;
	return copy;
}

static bool is_same_field(const struct dz_field_schema *left, const struct dz_field_schema *right)
{
	return left->type == right->type && strcmp(left->name, right->name) == 0 &&
	       strcmp(left->unit, right->unit) == 0 && strcmp(left->meaning, right->meaning) == 0;
}

/* Uses the texts of this version if they are the same, which they mostly are: a program can have
 * thousands of files open. */
static void share_own(struct dz_file_kind *kind)
{
	const struct dz_kind_schema *own = kind->own;

	if (!own || own->field_count != kind->schema.field_count ||
	    strcmp(own->name, kind->schema.name) != 0)
		return;
	for (uint32_t i = 0; i < own->field_count; i++)
		if (!is_same_field(&own->fields[i], &kind->fields[i]))
			return;
	kind->schema = *own;
	free(kind->fields);
	free(kind->texts);
	kind->fields = NULL;
	kind->texts = NULL;
}

/* Builds a kind from all its records. On failure, the caller releases it. */
static bool build_kind(const struct dz_schema_record *records, uint32_t count,
		       struct dz_file_kind *kind)
{
	char *at;

	kind->fields = calloc(count, sizeof(*kind->fields));
	kind->texts = malloc(texts_size(records, count));
	if (!kind->fields || !kind->texts)
		return false;
	at = kind->texts;
	kind->schema.kind = (uint32_t)records[0].kind;
	kind->schema.name = copy_text(records[0].kind_name, &at);
	kind->schema.field_count = count;
	kind->schema.fields = kind->fields;
	for (uint32_t i = 0; i < count; i++) {
		kind->fields[i] = (struct dz_field_schema){
			.name = copy_text(records[i].name, &at),
			.type = (enum dz_type)records[i].type,
			.unit = copy_text(records[i].unit, &at),
			.meaning = copy_text(records[i].meaning, &at),
		};
	}
	if (!finish_kind(kind))
		return false;
	share_own(kind);
	return true;
}

static struct dz_bytes text_bytes(const char *text)
{
	return (struct dz_bytes){.data = (const uint8_t *)text, .size = strlen(text)};
}

static bool build_own_kind(const struct dz_kind_schema *own, struct dz_file_kind *kind)
{
	struct dz_schema_record *records = calloc(own->field_count, sizeof(*records));
	bool built;

	if (!records)
		return false;
	for (uint32_t i = 0; i < own->field_count; i++)
		records[i] = (struct dz_schema_record){
			.kind = own->kind,
			.field = i,
			.type = own->fields[i].type,
			.kind_name = text_bytes(own->name),
			.name = text_bytes(own->fields[i].name),
			.unit = text_bytes(own->fields[i].unit),
			.meaning = text_bytes(own->fields[i].meaning),
		};
	built = build_kind(records, own->field_count, kind);
	free(records);
	return built;
}

static bool build_bootstrap(struct dz_file_schema *schema)
{
	schema->count = 2;
	return build_own_kind(dz_schema_find(DZ_KIND_STRING), &schema->kinds[0]) &&
	       build_own_kind(dz_schema_find(DZ_KIND_SCHEMA), &schema->kinds[1]);
}

static bool build_all(const struct dz_schema_record *records, size_t count,
		      struct dz_file_schema *schema)
{
	if (!build_bootstrap(schema))
		return false;
	for (size_t start = 0, end; start < count; start = end) {
		end = start + 1;
		while (end < count && records[end].kind == records[start].kind)
			end++;
		if (is_bootstrap(records[start].kind))
			continue;
		if (!build_kind(records + start, (uint32_t)(end - start),
				&schema->kinds[schema->count++]))
			return false;
	}
	return true;
}

enum dz_status dz_file_schema_build(const struct dz_schema_record *records, size_t count,
				    struct dz_file_schema *ret_schema)
{
	struct dz_file_schema schema = {0};
	size_t kinds;

	if (!is_valid(records, count, &kinds))
		return DZ_CORRUPT;
	schema.kinds = calloc(kinds + 2, sizeof(*schema.kinds));
	if (!schema.kinds)
		return DZ_NO_MEMORY;
	if (!build_all(records, count, &schema)) {
		dz_file_schema_release(&schema);
		return DZ_NO_MEMORY;
	}
	*ret_schema = schema;
	return DZ_OK;
}

enum dz_status dz_file_schema_default(struct dz_file_schema *ret_schema)
{
	struct dz_file_schema schema = {0};
	const struct dz_kind_schema *kinds;
	size_t count;

	kinds = dz_schema_kinds(&count);
	schema.kinds = calloc(count, sizeof(*schema.kinds));
	if (!schema.kinds)
		return DZ_NO_MEMORY;
	for (; schema.count < count; schema.count++) {
		if (!build_own_kind(&kinds[schema.count], &schema.kinds[schema.count])) {
			schema.count++;
			dz_file_schema_release(&schema);
			return DZ_NO_MEMORY;
		}
	}
	*ret_schema = schema;
	return DZ_OK;
}

static bool is_below(const void *table, size_t index, uint64_t kind)
{
	const struct dz_file_kind *kinds = table;

	return kinds[index].schema.kind < kind;
}

const struct dz_file_kind *dz_file_schema_find(const struct dz_file_schema *schema, uint32_t kind)
{
	size_t index = search_lower_bound(schema->kinds, schema->count, kind, is_below);

	if (index == schema->count || schema->kinds[index].schema.kind != kind)
		return NULL;
	return &schema->kinds[index];
}

static void release_kind(struct dz_file_kind *kind)
{
	free(kind->fields);
	free(kind->texts);
	free(kind->to_own);
}

void dz_file_schema_release(struct dz_file_schema *schema)
{
	for (size_t i = 0; schema->kinds && i < schema->count; i++)
		release_kind(&schema->kinds[i]);
	free(schema->kinds);
	*schema = (struct dz_file_schema){0};
}
