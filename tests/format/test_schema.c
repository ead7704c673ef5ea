/* tests/format/test_schema.c - format/schema.c, format/file_schema.c, tables of docs/dz.5.md */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/file_schema.h"
#include "format/limits.h"
#include <dz/enums.h>
#include <dz/schema.h>

static const char *const type_names[] = {
	"", "UINT", "INT", "FLAG", "TIME", "STRING", "MODULE", "FRAME", "STACK", "TASK", "BYTES",
};

/* Prints the tables of docs/dz.5.md that are generated from format/include/dz/schema.h. */
static void print_kinds(FILE *out)
{
	const struct dz_kind_schema *kinds;
	size_t count;

	kinds = dz_schema_kinds(&count);
	for (size_t k = 0; k < count; k++) {
		fprintf(out, "\n## Kind %u: %s\n\n", kinds[k].kind, kinds[k].name);
		fprintf(out, "%s.\n\n", kinds[k].meaning);
		fprintf(out, "| field | name | type | unit | meaning |\n|---|---|---|---|---|\n");
		for (uint32_t f = 0; f < kinds[k].field_count; f++) {
			const struct dz_field_schema *field = &kinds[k].fields[f];

			fprintf(out, "| %u | %s | %s | %s | %s |\n", f, field->name,
				type_names[field->type], *field->unit ? field->unit : "-",
				*field->meaning ? field->meaning : "-");
		}
	}
}

static char *read_page(void)
{
	FILE *file = fopen("docs/dz.5.md", "re");
	char *text = calloc(1, 1 << 20);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
	fclose(file);
	return text;
}

/* The first line of `expected` that the page does not have; cuts `expected` into lines. */
static const char *first_missing_line(const char *page, char *expected)
{
	char *rest = expected;
	const char *line = NULL;

	while ((line = strsep(&rest, "\n")) && strstr(page, line))
		;
	return line ? line : "(their order)";
}

static void the_manual_page_has_the_tables_of_the_schema(void **state)
{
	char *page = read_page();
	char *expected = NULL;
	size_t size;
	FILE *out = open_memstream(&expected, &size);

	(void)state;
	assert_non_null(out);
	print_kinds(out);
	fclose(out);
	if (!strstr(page, expected))
		fail_msg(
			"docs/dz.5.md does not have the tables of format/include/dz/schema.h, such "
			"as \"%s\"; run scripts/update-dz-tables",
			first_missing_line(page, expected));
	free(expected);
	free(page);
}

#define NUMBER(number, NAME, word) number,
static const unsigned frame_types[] = {DZ_FRAME_TYPES(NUMBER)};
static const unsigned results[] = {DZ_SIGNAL_RESULTS(NUMBER)};
static const unsigned signal_sources[] = {DZ_SIGNAL_SOURCES(NUMBER)};
static const unsigned sources[] = {DZ_SECTION_SOURCES(NUMBER)};
static const unsigned ends[] = {DZ_SECTION_ENDS(NUMBER)};
static const unsigned steps[] = {DZ_STEP_TYPES(NUMBER)};
static const unsigned states[] = {DZ_PHASE_STATES(NUMBER)};
#undef NUMBER

static const char *meaning_of(uint32_t kind, const char *name)
{
	const struct dz_kind_schema *kinds;
	size_t count;

	kinds = dz_schema_kinds(&count);
	for (size_t k = 0; k < count; k++) {
		for (uint32_t f = 0; kinds[k].kind == kind && f < kinds[k].field_count; f++) {
			if (strcmp(kinds[k].fields[f].name, name) == 0)
				return kinds[k].fields[f].meaning;
		}
	}
	fail_msg("kind %u has no field %s", kind, name);
	return "";
}

struct enum_field {
	uint32_t kind;
	const char *field;
	const unsigned *numbers;
	size_t count, expected;
};

/* Returns whether a meaning such as "0 user, 1 kernel" describes the number. */
static bool describes(const char *meaning, unsigned number)
{
	char start[16], further[16];

	snprintf(start, sizeof(start), "%u ", number);
	snprintf(further, sizeof(further), ", %u ", number);
	return strncmp(meaning, start, strlen(start)) == 0 || strstr(meaning, further);
}

static void assert_described(const struct enum_field *field)
{
	const char *meaning = meaning_of(field->kind, field->field);

	assert_int_equal(field->count, field->expected);
	for (size_t i = 0; i < field->count; i++) {
		assert_int_equal(field->numbers[i], i);
		if (!describes(meaning, field->numbers[i]))
			fail_msg("%s: %u is not in \"%s\"", field->field, field->numbers[i],
				 meaning);
	}
	assert_false(describes(meaning, (unsigned)field->count));
}

static void the_schema_describes_each_value_of_an_enum_and_no_other(void **state)
{
	const struct enum_field fields[] = {
#define VALUES(array, end) array, sizeof(array) / sizeof((array)[0]), end
		{DZ_KIND_FRAME, "type", VALUES(frame_types, DZ_FRAME_TYPE_COUNT)},
		{DZ_KIND_SIGNAL, "result", VALUES(results, DZ_SIGNAL_RESULT_COUNT)},
		{DZ_KIND_SIGNAL, "source", VALUES(signal_sources, DZ_SIGNAL_SOURCE_COUNT)},
		{DZ_KIND_SECTION, "source", VALUES(sources, DZ_SECTION_SOURCE_COUNT)},
		{DZ_KIND_SECTION, "end", VALUES(ends, DZ_SECTION_END_COUNT)},
		{DZ_KIND_STEP, "step_type", VALUES(steps, DZ_STEP_TYPE_COUNT)},
		{DZ_KIND_PHASE, "state", VALUES(states, DZ_PHASE_STATE_COUNT)},
#undef VALUES
	};

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		assert_described(&fields[i]);
}

static void assert_limit(const char *page, const char *what, uint64_t value)
{
	char line[128];

	snprintf(line, sizeof(line), "| %s | %llu |\n", what, (unsigned long long)value);
	if (!strstr(page, line))
		fail_msg("docs/dz.5.md does not have %s", line);
}

static void the_manual_page_has_the_limits(void **state)
{
	char *page = read_page();

	(void)state;
	assert_limit(page, "bytes of a payload, decompressed", DZ_LIMIT_RAW_BYTES);
	assert_limit(page, "bytes of a payload in the file", DZ_LIMIT_STORED_BYTES);
	assert_limit(page, "records of a block", DZ_LIMIT_RECORDS);
	assert_limit(page, "columns of a block", DZ_LIMIT_COLUMNS);
	assert_limit(page, "records of a block times its columns", DZ_LIMIT_BLOCK_VALUES);
	assert_limit(page, "bytes of a string", DZ_LIMIT_STRING_BYTES);
	assert_limit(page, "frames of a stack", DZ_LIMIT_STACK_FRAMES);
	assert_limit(page, "records of one dictionary in a generation",
		     DZ_LIMIT_DICTIONARY_ENTRIES);
	assert_limit(page, "generations of a file", DZ_LIMIT_GENERATIONS);
	assert_limit(page, "blocks of a file", DZ_LIMIT_BLOCKS);
	assert_limit(page, "kinds of a schema, besides string and schema", DZ_LIMIT_KINDS);
	free(page);
}

static void kinds_ascend_and_names_follow_the_rules(void **state)
{
	const struct dz_kind_schema *kinds;
	struct dz_file_schema schema;
	size_t count;

	(void)state;
	kinds = dz_schema_kinds(&count);
	assert_int_equal(dz_file_schema_default(&schema), DZ_OK);
	assert_int_equal(schema.count, count);
	for (size_t k = 0; k < count; k++) {
		if (k)
			assert_true(kinds[k].kind > kinds[k - 1].kind);
		assert_true(kinds[k].kind < 64);
		assert_ptr_equal(dz_schema_find(kinds[k].kind), &kinds[k]);
		assert_true(strspn(kinds[k].name, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
			    strlen(kinds[k].name));
		assert_true(schema.kinds[k].same);
		assert_true(schema.kinds[k].timed == (kinds[k].kind >= 16 && kinds[k].kind != 19));
	}
	assert_null(dz_schema_find(0));
	dz_file_schema_release(&schema);
}

static const struct dz_field_schema *find_field(const struct dz_kind_schema *kind, const char *name)
{
	for (uint32_t i = 0; i < kind->field_count; i++)
		if (strcmp(kind->fields[i].name, name) == 0)
			return &kind->fields[i];
	return NULL;
}

static void only_events_have_a_subject_and_can_be_selected(void **state)
{
#define ROW(number, NAME, name, subject, select, meaning) {number, #name, #subject, #select},
	static const struct {
		uint32_t kind;
		const char *name, *subject, *select;
	} rows[] = {DZ_KINDS(ROW)};
#undef ROW

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const bool is_event = rows[i].kind >= DZ_KIND_FIRST_EVENT;
		const struct dz_field_schema *field =
			find_field(dz_schema_find(rows[i].kind), rows[i].subject);

		if (is_event != (field && field->type == DZ_TYPE_TASK))
			fail_msg("kind %s: subject %s", rows[i].name, rows[i].subject);
		if (is_event == (strcmp(rows[i].select, "NONE") == 0))
			fail_msg("kind %s: select %s", rows[i].name, rows[i].select);
	}
}

static struct dz_bytes text(const char *string)
{
	return (struct dz_bytes){.data = (const uint8_t *)string, .size = strlen(string)};
}

static struct dz_schema_record record(uint64_t kind, const char *kind_name, uint64_t field,
				      const char *name, uint64_t type)
{
	return (struct dz_schema_record){
		.kind = kind,
		.field = field,
		.type = type,
		.kind_name = text(kind_name),
		.name = text(name),
		.unit = text("ns"),
		.meaning = text("something"),
	};
}

static void fields_are_found_by_name_and_type(void **state)
{
	const struct dz_schema_record records[] = {
		record(DZ_KIND_EXIT, "exit", 0, "time", DZ_TYPE_TIME),
		record(DZ_KIND_EXIT, "exit", 1, "exit_code", DZ_TYPE_UINT),
		record(DZ_KIND_EXIT, "exit", 2, "cpu", DZ_TYPE_STRING),
		record(DZ_KIND_EXIT, "exit", 3, "unheard_of", 77),
		record(1000, "novel", 0, "time", DZ_TYPE_TIME),
	};
	const struct dz_file_kind *kind;
	struct dz_file_schema schema;

	(void)state;
	assert_int_equal(dz_file_schema_build(records, 5, &schema), DZ_OK);
	kind = dz_file_schema_find(&schema, DZ_KIND_EXIT);
	assert_non_null(kind);
	assert_false(kind->same);
	assert_int_equal(kind->to_own[0], 0);
	assert_int_equal(kind->to_own[1], 3);
	assert_int_equal(kind->to_own[2], DZ_NO_FIELD);
	assert_int_equal(kind->to_own[3], DZ_NO_FIELD);
	kind = dz_file_schema_find(&schema, 1000);
	assert_non_null(kind);
	assert_null(kind->own);
	assert_true(kind->timed);
	assert_string_equal(kind->schema.name, "novel");
	assert_string_equal(kind->schema.fields[0].unit, "ns");
	assert_null(dz_file_schema_find(&schema, 999));
	assert_non_null(dz_file_schema_find(&schema, DZ_KIND_STRING));
	dz_file_schema_release(&schema);
}

static void kinds_string_and_schema_are_those_of_the_page_for_any_file(void **state)
{
	const struct dz_schema_record records[] = {
		record(DZ_KIND_STRING, "string", 0, "time", DZ_TYPE_TIME),
		record(DZ_KIND_EXIT, "exit", 0, "time", DZ_TYPE_TIME),
	};
	struct dz_file_schema schema;

	(void)state;
	assert_int_equal(dz_file_schema_build(records, 2, &schema), DZ_OK);
	assert_int_equal(schema.count, 3);
	assert_int_equal(dz_file_schema_find(&schema, DZ_KIND_STRING)->schema.fields[0].type,
			 DZ_TYPE_BYTES);
	dz_file_schema_release(&schema);
}

static void assert_rejected(struct dz_schema_record second, const char *what)
{
	const struct dz_schema_record records[] = {
		record(DZ_KIND_EXIT, "exit", 0, "time", DZ_TYPE_TIME), second};
	struct dz_file_schema schema;

	if (dz_file_schema_build(records, 2, &schema) != DZ_CORRUPT)
		fail_msg("%s was accepted", what);
}

static void a_schema_that_breaks_a_rule_is_rejected(void **state)
{
	struct dz_schema_record bad = record(DZ_KIND_EXIT, "exit", 1, "cpu", 1);
	char name[65];

	(void)state;
	assert_rejected(record(DZ_KIND_EXIT, "exit", 2, "cpu", 1), "a gap in the fields");
	assert_rejected(record(DZ_KIND_EXIT, "exit", 0, "cpu", 1), "a field twice");
	assert_rejected(record(DZ_KIND_EXIT, "exitus", 1, "cpu", 1), "two names of one kind");
	assert_rejected(record(DZ_KIND_CLOCK, "clock", 0, "time", 4), "kinds that fall");
	assert_rejected(record(DZ_KIND_SIGNAL, "signal", 1, "cpu", 1), "a first field of 1");
	assert_rejected(record(0x10000, "large", 0, "cpu", 1), "kind 65536");
	assert_rejected(record(DZ_KIND_EXIT, "exit", 1, "", 1), "an empty name");
	assert_rejected(record(DZ_KIND_EXIT, "exit", 1, "CPU", 1), "a name in capitals");
	assert_rejected(record(DZ_KIND_EXIT, "exit", 1, "c\x1bu", 1), "a name with an escape");
	bad.unit = text("\n");
	assert_rejected(bad, "a unit with a newline");
	bad.unit = text("");
	bad.meaning = text("\x80");
	assert_rejected(bad, "a meaning with a byte beyond ASCII");
	memset(name, 'a', 64);
	name[64] = '\0';
	assert_rejected(record(DZ_KIND_EXIT, "exit", 1, name, 1), "a name of 64 bytes");
	name[63] = '\0';
	{
		const struct dz_schema_record good[] = {
			record(DZ_KIND_EXIT, "exit", 0, name, DZ_TYPE_TIME)};
		struct dz_file_schema schema;

		assert_int_equal(dz_file_schema_build(good, 1, &schema), DZ_OK);
		dz_file_schema_release(&schema);
	}
}

static void a_kind_can_have_256_fields_and_no_more(void **state)
{
	static struct dz_schema_record records[DZ_LIMIT_COLUMNS + 1];
	struct dz_file_schema schema;

	(void)state;
	for (uint64_t i = 0; i <= DZ_LIMIT_COLUMNS; i++)
		records[i] = record(1000, "wide", i, "field", DZ_TYPE_UINT);
	assert_int_equal(dz_file_schema_build(records, DZ_LIMIT_COLUMNS, &schema), DZ_OK);
	dz_file_schema_release(&schema);
	assert_int_equal(dz_file_schema_build(records, DZ_LIMIT_COLUMNS + 1, &schema), DZ_CORRUPT);
}

static void a_schema_can_have_4096_kinds_and_no_more(void **state)
{
	static struct dz_schema_record records[DZ_LIMIT_KINDS + 1];
	struct dz_file_schema schema;

	(void)state;
	for (uint64_t i = 0; i <= DZ_LIMIT_KINDS; i++)
		records[i] = record(3 + i, "many", 0, "field", DZ_TYPE_UINT);
	assert_int_equal(dz_file_schema_build(records, DZ_LIMIT_KINDS, &schema), DZ_OK);
	dz_file_schema_release(&schema);
	assert_int_equal(dz_file_schema_build(records, DZ_LIMIT_KINDS + 1, &schema), DZ_CORRUPT);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_page_has_the_tables_of_the_schema),
		cmocka_unit_test(the_schema_describes_each_value_of_an_enum_and_no_other),
		cmocka_unit_test(the_manual_page_has_the_limits),
		cmocka_unit_test(kinds_ascend_and_names_follow_the_rules),
		cmocka_unit_test(only_events_have_a_subject_and_can_be_selected),
		cmocka_unit_test(fields_are_found_by_name_and_type),
		cmocka_unit_test(kinds_string_and_schema_are_those_of_the_page_for_any_file),
		cmocka_unit_test(a_schema_that_breaks_a_rule_is_rejected),
		cmocka_unit_test(a_kind_can_have_256_fields_and_no_more),
		cmocka_unit_test(a_schema_can_have_4096_kinds_and_no_more),
	};

	if (argc > 1 && strcmp(argv[1], "print") == 0) {
		print_kinds(stdout);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
