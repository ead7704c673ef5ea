/* analyze/json/json_plan.h - how the fields of a kind become members, found out once for a kind */
#ifndef ANALYZE_JSON_JSON_PLAN_H
#define ANALYZE_JSON_JSON_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/json/json_members.h"
#include "analyze/trace/trace.h"

/* What a field becomes. */
enum json_field_type {
	JSON_FIELD_NONE, /* nothing: its name has another meaning */
	JSON_FIELD_FLAG,
	JSON_FIELD_STRING,
	JSON_FIELD_TASK,       /* members without a prefix */
	JSON_FIELD_OTHER_TASK, /* NAME_pid, NAME_tid, NAME_ns_pid, NAME_cgroup, NAME_comm */
	JSON_FIELD_STACK,
	JSON_FIELD_USER_STACK,
	JSON_FIELD_WORD, /* an enum */
	JSON_FIELD_HEX,
	JSON_FIELD_TIME,
	JSON_FIELD_EVENT_TIME,
	JSON_FIELD_INT,
	JSON_FIELD_UINT,
};

/* Bytes of a name, which dz(5) limits to 64, with a unit and the NUL. */
#define JSON_FIELD_NAME_MAX 80u

struct json_plan_field {
	enum json_field_type type;
	char name[JSON_FIELD_NAME_MAX]; /* of the member, with its unit */
	char start[JSON_FIELD_NAME_MAX + 4];
	size_t start_size;  /* of start: "NAME": */
	bool is_of_section; /* the same for a whole section: absent inside of it */
	/* Of the field in the file. */
	enum dz_type file_type;
	char file_name[JSON_FIELD_NAME_MAX];
	char file_unit[JSON_FIELD_NAME_MAX];
};

struct json_plan {
	uint32_t kind;
	uint32_t field_count;
	const char *type;                     /* member type; static */
	char other_kind[JSON_FIELD_NAME_MAX]; /* member kind of an unknown kind; empty: known */
	int system_call;                      /* number of field system_call; negative: none */
	int compat;                           /* of field compat; negative: none */
	struct json_plan_field fields[];
};

/* Makes the plan for a kind, from the schema in a file. The caller frees it with free(). Returns
 * NULL on allocation failure. */
struct json_plan *json_plan_new(const struct dz_kind_schema *schema);

/* Returns whether a plan was made from an equal schema. */
bool json_plan_fits(const struct json_plan *plan, const struct dz_kind_schema *schema);

#endif
