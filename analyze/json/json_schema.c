/* analyze/json/json_schema.c - the JSON Schema (draft 2020-12) of diag-report --json */
#include "analyze/json/json_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/json/json_plan.h"
#include "analyze/json/json_text.h"

#define STRING(value)  #value
#define TEXT_OF(value) STRING(value)

#define TEXT        "\"type\":\"string\""
#define INTEGER     "\"type\":\"integer\""
#define FLAG        "\"type\":\"boolean\""
#define ADDRESS     "\"type\":\"string\",\"pattern\":\"^0x[0-9a-f]+$\""
#define HEX         "\"type\":\"string\",\"pattern\":\"^([0-9a-f][0-9a-f])*$\""
#define REF(name)   "\"$ref\":\"#/$defs/" name "\""
#define ARRAY(name) "\"type\":\"array\",\"items\":{" REF(name) "}"

/* What a value of a type must be. */
static const char *const types[] = {
	[JSON_TYPE_TEXT] = TEXT,
	[JSON_TYPE_BYTES] = TEXT,
	[JSON_TYPE_INTEGER] = INTEGER,
	[JSON_TYPE_FLAG] = FLAG,
	[JSON_TYPE_ADDRESS] = ADDRESS,
	[JSON_TYPE_FRAMES] = ARRAY("frame"),
	[JSON_TYPE_TASKS] = ARRAY("task"),
	[JSON_TYPE_PHASES] = ARRAY("phase_inside"),
	[JSON_TYPE_STEPS] = ARRAY("step_inside"),
	[JSON_TYPE_FRAME] = REF("frame"),
	[JSON_TYPE_SENDER] = REF("sender"),
	[JSON_TYPE_HANDLED] = REF("handled_signal"),
	[JSON_TYPE_CAUSE] = REF("cause"),
};

/* Objects that are no kinds, with the members that they always have. */
static const struct {
	const char *name;
	uint64_t object;
	const char *required;
	bool is_line; /* a line of the output; false: inside another object */
} objects[] = {
	{"summary", JSON_OF_SUMMARY, "\"type\",\"complete\",\"events\"", true},
	{"count", JSON_OF_COUNT, "\"type\",\"count\"", true},
	{"change", JSON_OF_CHANGE, "\"type\",\"change\",\"before\",\"after\"", true},
	{"other", JSON_OF_OTHER, "\"type\",\"kind\",\"time\"", true},
	{"frame", JSON_OF_FRAME, "\"symbol\"", false},
	{"task", JSON_OF_TASK, "\"pid\"", false},
	{"sender", JSON_OF_SENDER, "", false},
	{"handled_signal", JSON_OF_HANDLED, "\"signal\",\"ns\"", false},
	{"cause", JSON_OF_CAUSE, "\"kind\",\"text\"", false},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void put(struct buffer *out, const char *text)
{
	buffer_put(out, text, strlen(text));
}

/* Appends one property: its name, what it must be, and its meaning. */
static void put_property(struct buffer *out, const char *name, const char *type,
			 const char *meaning)
{
	put(out, out->size > 0 && out->data[out->size - 1] == '{' ? "\n" : ",\n");
	json_text_word(out, name);
	put(out, ":{");
	put(out, type);
	if (meaning[0] != '\0') {
		json_text_name(out, "description");
		json_text_word(out, meaning);
	}
	put(out, "}");
}

static void put_bytes_property(struct buffer *out, const char *name, const char *meaning)
{
	char hex_name[2 * JSON_FIELD_NAME_MAX];

	put_property(out, name, TEXT, meaning);
	snprintf(hex_name, sizeof(hex_name), "%s_hex", name);
	put_property(out, hex_name, HEX, "the bytes, if they are no UTF-8");
}

static void put_table_members(struct buffer *out, uint64_t object)
{
	for (size_t i = 0; i < JSON_MEMBER_COUNT; i++) {
		const struct json_member *member = &json_members[i];

		if (!(member->objects & object))
			continue;
		if (member->type == JSON_TYPE_BYTES)
			put_bytes_property(out, member->name, member->meaning);
		else
			put_property(out, member->name, types[member->type], member->meaning);
	}
}

static void put_other_task(struct buffer *out, const char *field, const char *meaning)
{
	char name[JSON_FIELD_NAME_MAX + 8];

	snprintf(name, sizeof(name), "%s_pid", field);
	put_property(out, name, INTEGER, meaning);
	snprintf(name, sizeof(name), "%s_tid", field);
	put_property(out, name, INTEGER, "its thread");
	snprintf(name, sizeof(name), "%s_ns_pid", field);
	put_property(out, name, INTEGER, "its number in its pid namespace, if that is another one");
	snprintf(name, sizeof(name), "%s_cgroup", field);
	put_bytes_property(out, name, "its control group");
	snprintf(name, sizeof(name), "%s_comm", field);
	put_bytes_property(out, name, "its name");
}

static void put_field(struct buffer *out, const struct json_plan_field *field, const char *meaning)
{
	static const char *const of_field[] = {
		[JSON_FIELD_FLAG] = FLAG,
		[JSON_FIELD_STACK] = ARRAY("frame"),
		[JSON_FIELD_USER_STACK] = ARRAY("frame"),
		[JSON_FIELD_WORD] = TEXT,
		[JSON_FIELD_HEX] = ADDRESS,
		[JSON_FIELD_TIME] = INTEGER,
		[JSON_FIELD_EVENT_TIME] = INTEGER,
		[JSON_FIELD_INT] = INTEGER,
		[JSON_FIELD_UINT] = INTEGER,
	};

	switch ((int)field->type) {
	case JSON_FIELD_NONE:
	case JSON_FIELD_TASK: /* in the table */
		return;
	case JSON_FIELD_STRING:
		put_bytes_property(out, field->name, meaning);
		return;
	case JSON_FIELD_OTHER_TASK:
		put_other_task(out, field->name, meaning);
		return;
	default:
		put_property(out, field->name, of_field[field->type], meaning);
	}
}

static bool put_fields(struct buffer *out, const struct dz_kind_schema *schema, bool inside)
{
	struct json_plan *plan = json_plan_new(schema);

	if (!plan)
		return false;
	for (uint32_t i = 0; i < plan->field_count; i++)
		if (!inside || !plan->fields[i].is_of_section)
			put_field(out, &plan->fields[i], schema->fields[i].meaning);
	free(plan);
	return true;
}

static void open_object(struct buffer *out, const char *name, const char *required)
{
	put(out, out->data[out->size - 1] == '{' ? "\n" : ",\n");
	json_text_word(out, name);
	put(out, ":{\"type\":\"object\",\"required\":[");
	put(out, required);
	put(out, "],\"properties\":{");
}

static bool has_object(const struct dz_kind_schema *schema)
{
	return schema->kind == DZ_KIND_LOST || schema->kind >= DZ_KIND_FIRST_EVENT;
}

static bool put_kind(struct buffer *out, const struct dz_kind_schema *schema)
{
	open_object(out, schema->name, "\"type\",\"time\",\"time_ns\"");
	put_table_members(out, UINT64_C(1) << schema->kind);
	if (!put_fields(out, schema, false))
		return false;
	put(out, "}}");
	if (schema->kind != DZ_KIND_STEP && schema->kind != DZ_KIND_PHASE)
		return true;
	open_object(out, schema->kind == DZ_KIND_STEP ? "step_inside" : "phase_inside", "");
	put_property(out, "system_call_name", TEXT, "name of system_call");
	if (!put_fields(out, schema, true))
		return false;
	put(out, "}}");
	return true;
}

/* "if the type is exit, then $defs/exit" */
static void put_choice(struct buffer *out, const char *name)
{
	put(out, out->data[out->size - 1] == '[' ? "\n" : ",\n");
	put(out, "{\"if\":{\"properties\":{\"type\":{\"const\":");
	json_text_word(out, name);
	put(out, "}}},\"then\":{\"$ref\":\"#/$defs/");
	put(out, name);
	put(out, "\"}}");
}

static void put_choices(struct buffer *out, const struct dz_kind_schema *kinds, size_t count)
{
	put(out, "\"allOf\":[");
	for (size_t i = 0; i < count; i++)
		if (has_object(&kinds[i]))
			put_choice(out, kinds[i].name);
	for (size_t i = 0; i < COUNT(objects); i++)
		if (objects[i].is_line)
			put_choice(out, objects[i].name);
	put(out, "],\n");
}

bool json_schema_put(struct buffer *out)
{
	size_t count;
	const struct dz_kind_schema *kinds = dz_schema_kinds(&count);

	put(out, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n"
		 "\"$id\":\"urn:diag:report:" TEXT_OF(
			 JSON_SCHEMA_MAJOR) "\",\n"
					    "\"title\":\"A line of diag-report --json\",\n"
					    "\"type\":\"object\",\"required\":[\"type\"],\n");
	put_choices(out, kinds, count);
	put(out, "\"$defs\":{");
	for (size_t i = 0; i < count; i++)
		if (has_object(&kinds[i]) && !put_kind(out, &kinds[i]))
			return false;
	for (size_t i = 0; i < COUNT(objects); i++) {
		open_object(out, objects[i].name, objects[i].required);
		put_table_members(out, objects[i].object);
		put(out, "}}");
	}
	put(out, "}}\n");
	return !out->failed;
}
