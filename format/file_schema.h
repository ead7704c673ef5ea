/* format/file_schema.h - kinds and fields of a file, from its schema records */
#ifndef FORMAT_FILE_SCHEMA_H
#define FORMAT_FILE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dz/reader.h>
#include <dz/schema.h>
#include <dz/status.h>

#define DZ_NO_FIELD UINT16_MAX

/* A kind of the file, and the conversion of its rows to rows of this version. */
struct dz_file_kind {
	struct dz_kind_schema schema;
	const struct dz_kind_schema *own; /* kind of this version; NULL: unknown */
	uint16_t *to_own; /* for each field: the one of `own` with its name and type, or DZ_NO_FIELD
			   */
	bool same;        /* field n of the file is field n of `own`, for all fields of `own` */
	bool timed;       /* field 0 is the time */
	struct dz_field_schema *fields; /* owned, as are the texts; NULL: schema is *own */
	char *texts;
};

struct dz_file_schema {
	struct dz_file_kind *kinds; /* by ascending number */
	size_t count;
};

/* A record of kind schema, with its strings. */
struct dz_schema_record {
	uint64_t kind;
	uint64_t field;
	uint64_t type;
	struct dz_bytes kind_name;
	struct dz_bytes name;
	struct dz_bytes unit;
	struct dz_bytes meaning;
};

/* Builds the schema from its records; copies the texts. The kinds string and schema are always
 * those of this version. Returns DZ_CORRUPT if the records break a rule of dz(5), SCHEMA;
 * DZ_NO_MEMORY. */
DZ_MUST_CHECK enum dz_status dz_file_schema_build(const struct dz_schema_record *records,
						  size_t count, struct dz_file_schema *ret_schema);

/* Builds the schema of this version, for files without a valid schema. Returns DZ_NO_MEMORY on
 * allocation failure. */
DZ_MUST_CHECK enum dz_status dz_file_schema_default(struct dz_file_schema *ret_schema);

/* Returns the kind, which the schema owns, or NULL if the schema lacks it. */
const struct dz_file_kind *dz_file_schema_find(const struct dz_file_schema *schema, uint32_t kind);

/* Frees the memory. A schema that is zeroed or released can be released again. */
void dz_file_schema_release(struct dz_file_schema *schema);

#endif
