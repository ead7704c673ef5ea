/* analyze/json/json_plan.c - how the fields of a kind become members, found out once for a kind */
#include "analyze/json/json_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/trace/event_field.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Units that are appended to the name of a member. */
static const char *const suffixes[] = {"ns", "us", "ms", "bytes"};

/* Fields that are the same for a whole section. */
static const char *const section_fields[] = {"task", "section", "outermost"};

static void copy_name(char out[static JSON_FIELD_NAME_MAX], const char *name)
{
	snprintf(out, JSON_FIELD_NAME_MAX, "%s", name);
}

/* Sets the name of the member: "max_rss_bytes" for field max_rss with unit bytes. */
static void set_name(struct json_plan_field *out, const struct dz_field_schema *field)
{
	const char *unit = field->type == DZ_TYPE_TIME ? "ns" : field->unit;
	char name[JSON_FIELD_NAME_MAX];
	char start[sizeof(out->start)];

	copy_name(name, field->name);
	for (size_t i = 0; i < COUNT(suffixes); i++)
		if (out->type >= JSON_FIELD_HEX && strcmp(unit, suffixes[i]) == 0)
			snprintf(name, sizeof(name), "%s_%s", field->name, unit);
	out->start_size = (size_t)snprintf(start, sizeof(start), "\"%s\":", name);
	memcpy(out->start, start, sizeof(start));
	memcpy(out->name, name, sizeof(name));
}

static enum json_field_type type_of_number(uint32_t kind, const struct dz_field_schema *field)
{
	if (event_field_word(kind, field->name, 0))
		return JSON_FIELD_WORD;
	if (strcmp(field->unit, "hex") == 0)
		return JSON_FIELD_HEX;
	return field->type == DZ_TYPE_INT ? JSON_FIELD_INT : JSON_FIELD_UINT;
}

static enum json_field_type type_of(uint32_t kind, const struct dz_field_schema *field)
{
	switch ((int)field->type) {
	case DZ_TYPE_FLAG:
		return JSON_FIELD_FLAG;
	case DZ_TYPE_STRING:
		return JSON_FIELD_STRING;
	case DZ_TYPE_TASK:
		return strcmp(field->name, "task") == 0 ? JSON_FIELD_TASK : JSON_FIELD_OTHER_TASK;
	case DZ_TYPE_STACK:
		return kind == DZ_KIND_EXIT && strcmp(field->name, "user_stack") == 0
			       ? JSON_FIELD_USER_STACK
			       : JSON_FIELD_STACK;
	case DZ_TYPE_TIME:
		return strcmp(field->name, "time") == 0 ? JSON_FIELD_EVENT_TIME : JSON_FIELD_TIME;
	default:
		return type_of_number(kind, field);
	}
}

/* Returns whether a name of a member has a meaning already: that of a member of the table. */
static bool is_taken(uint64_t object, const char *name)
{
	for (size_t i = 0; i < JSON_MEMBER_COUNT; i++)
		if (json_members[i].objects & object && strcmp(json_members[i].name, name) == 0)
			return true;
	return false;
}

/* Returns whether the same field of this version has another type. */
static bool differs(const struct dz_kind_schema *own, const struct dz_field_schema *field)
{
	for (uint32_t i = 0; own && i < own->field_count; i++)
		if (strcmp(own->fields[i].name, field->name) == 0)
			return own->fields[i].type != field->type ||
			       strcmp(own->fields[i].unit, field->unit) != 0;
	return false;
}

static bool is_repeated(const struct json_plan *plan, uint32_t number)
{
	for (uint32_t i = 0; i < number; i++)
		if (strcmp(plan->fields[i].name, plan->fields[number].name) == 0)
			return true;
	return false;
}

static bool is_of_section(const char *name)
{
	for (size_t i = 0; i < COUNT(section_fields); i++)
		if (strcmp(name, section_fields[i]) == 0)
			return true;
	return false;
}

static void plan_field(struct json_plan *plan, const struct dz_field_schema *field, uint32_t number)
{
	const struct dz_kind_schema *own = dz_schema_find(plan->kind);
	struct json_plan_field *out = &plan->fields[number];
	uint64_t object = own ? UINT64_C(1) << plan->kind : JSON_OF_OTHER;

	out->type = type_of(plan->kind, field);
	out->file_type = field->type;
	copy_name(out->file_name, field->name);
	copy_name(out->file_unit, field->unit);
	out->is_of_section = is_of_section(field->name);
	set_name(out, field);
	if (strcmp(field->name, "system_call") == 0 && field->type == DZ_TYPE_INT)
		plan->system_call = (int)number;
	if (strcmp(field->name, "compat") == 0 && field->type == DZ_TYPE_FLAG)
		plan->compat = (int)number;
	if (out->type == JSON_FIELD_TASK)
		return;
	if (is_taken(object, out->name) || differs(own, field) || is_repeated(plan, number))
		out->type = JSON_FIELD_NONE;
}

struct json_plan *json_plan_new(const struct dz_kind_schema *schema)
{
	const struct dz_kind_schema *own = dz_schema_find(schema->kind);
	struct json_plan *plan =
		calloc(1, sizeof(*plan) + schema->field_count * sizeof(plan->fields[0]));

	if (!plan)
		return NULL;
	plan->kind = schema->kind;
	plan->field_count = schema->field_count;
	plan->type = own ? own->name : "other";
	plan->system_call = plan->compat = -1;
	if (!own)
		copy_name(plan->other_kind, schema->name);
	for (uint32_t i = 0; i < schema->field_count; i++)
		plan_field(plan, &schema->fields[i], i);
	return plan;
}

bool json_plan_fits(const struct json_plan *plan, const struct dz_kind_schema *schema)
{
	if (plan->kind != schema->kind || plan->field_count != schema->field_count)
		return false;
	for (uint32_t i = 0; i < plan->field_count; i++)
		if (plan->fields[i].file_type != schema->fields[i].type ||
		    strcmp(plan->fields[i].file_name, schema->fields[i].name) != 0 ||
		    strcmp(plan->fields[i].file_unit, schema->fields[i].unit) != 0)
			return false;
	return plan->other_kind[0] == '\0' || strcmp(plan->other_kind, schema->name) == 0;
}
