/* format/schema.c - table of kinds and fields */
#include <dz/schema.h>

#define FIELD_ENTRY(field_name, field_type, field_unit, field_meaning)                             \
	{.name = #field_name,                                                                      \
	 .type = DZ_TYPE_##field_type,                                                             \
	 .unit = (field_unit),                                                                     \
	 .meaning = (field_meaning)},
#define FIELD_TABLE(number, NAME, kind_name, subject, select, kind_meaning)                        \
	static const struct dz_field_schema kind_name##_fields[] = {                               \
		DZ_FIELDS_##kind_name(FIELD_ENTRY)};
DZ_KINDS(FIELD_TABLE)

#define KIND_ENTRY(number, NAME, kind_name, subject, select, kind_meaning)                         \
	{.kind = (number),                                                                         \
	 .name = #kind_name,                                                                       \
	 .meaning = (kind_meaning),                                                                \
	 .field_count = sizeof(kind_name##_fields) / sizeof(kind_name##_fields[0]),                \
	 .fields = kind_name##_fields},
static const struct dz_kind_schema kinds[] = {DZ_KINDS(KIND_ENTRY)};

const struct dz_kind_schema *dz_schema_kinds(size_t *ret_count)
{
	*ret_count = sizeof(kinds) / sizeof(kinds[0]);
	return kinds;
}

const struct dz_kind_schema *dz_schema_find(uint32_t kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].kind == kind)
			return &kinds[i];
	}
	return NULL;
}
