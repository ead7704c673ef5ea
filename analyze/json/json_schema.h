/* analyze/json/json_schema.h - the JSON Schema (draft 2020-12) of diag-report --json */
#ifndef ANALYZE_JSON_JSON_SCHEMA_H
#define ANALYZE_JSON_JSON_SCHEMA_H

#include <stdbool.h>

#include "base/buffer.h"

/* Raised if a member is removed, or gets another type. */
#define JSON_SCHEMA_MAJOR 1

/* Appends the schema, one member of a type a line. It is made from the tables that the writer uses:
 * the fields of dz(5), and json_members.h. Returns false on allocation failure. */
bool json_schema_put(struct buffer *out);

#endif
