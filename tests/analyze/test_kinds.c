/* tests/analyze/test_kinds.c - every kind of event reaches every consumer
 *
 * For each event kind of DZ_KINDS, a trace with one event of it goes through the filters, the
 * report, --events, --json and diag-fold. A consumer that does not know a kind fails here, with the
 * name of the kind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "analyze/fold/fold.h"
#include "analyze/report/report.h"
#include "analyze/trace/event_field.h"
#include "tests/analyze/replayed.h"
#include <dz/enums.h>

#define FIELDS_MAX 64u

#define SUBJECT_PID 4711u
#define SUBJECT     "subject"
#define OTHER       "other"

/* The section that a step or a phase belongs to. */
#define SECTION_ID 7u

static const struct kind {
	uint32_t number;
	const char *name;
	const char *subject;
} kinds[] = {
#define ROW(number, NAME, name, subject, select, meaning) {number, #name, #subject},
	DZ_KINDS(ROW)
#undef ROW
};

/* What is written, and what the values of the event are. */
struct made {
	const struct kind *kind;
	bool without_event; /* write only what is around it */
	bool in_section;
	const char *lost; /* the kind of a lost record; NULL: none */
	uint64_t values[FIELDS_MAX];
};

static bool is_event(const struct kind *kind)
{
	return kind->number >= DZ_KIND_FIRST_EVENT;
}

static bool has_field(const struct kind *kind, const char *name)
{
	const struct dz_kind_schema *schema = dz_schema_find(kind->number);

	for (uint32_t i = 0; i < schema->field_count; i++)
		if (strcmp(schema->fields[i].name, name) == 0)
			return true;
	return false;
}

static uint64_t add_task(struct scenario *scenario, uint32_t pid, const char *comm)
{
	const struct scenario_task task = {.pid = pid, .comm = comm, .age_ns = SECOND, .uid = 1};

	return scenario_task(scenario, &task);
}

static uint64_t add_stack(struct scenario *scenario, const char *field)
{
	char frames[64];

	snprintf(frames, sizeof(frames), "main;leaf_of_%s", field);
	return scenario_stack(scenario, frames);
}

/* A small number, different for each field, which has a word if the field has words. */
static uint64_t make_number(const struct made *made, const char *name, uint32_t number)
{
	if (strcmp(name, "step_type") == 0)
		return DZ_STEP_TYPE_SAMPLE; /* the only step that diag-fold draws */
	if (event_field_word(made->kind->number, name, 1))
		return 1;
	if (strcmp(name, "id") == 0 || strcmp(name, "section") == 0 ||
	    strcmp(name, "outermost") == 0)
		return SECTION_ID;
	return strcmp(name, "outer") == 0 ? 0 : number + 1;
}

static uint64_t make_value(const struct made *made, struct scenario *scenario, uint32_t number)
{
	const struct dz_kind_schema *schema = dz_schema_find(made->kind->number);
	const struct dz_field_schema *field = &schema->fields[number];

	switch ((int)field->type) {
	case DZ_TYPE_TIME:
		return scenario->now_ns - number;
	case DZ_TYPE_FLAG:
		return 0;
	case DZ_TYPE_STRING:
		return scenario_text(scenario, field->name);
	case DZ_TYPE_STACK:
		return add_stack(scenario, field->name);
	case DZ_TYPE_TASK:
		return strcmp(field->name, made->kind->subject) == 0
			       ? add_task(scenario, SUBJECT_PID, SUBJECT)
			       : add_task(scenario, SUBJECT_PID + 1, OTHER);
	default:
		return make_number(made, field->name, number);
	}
}

static void add_section(struct scenario *scenario)
{
	scenario_section(scenario,
			 (struct dz_section){.start = scenario->now_ns - SECOND,
					     .task = add_task(scenario, SUBJECT_PID, SUBJECT),
					     .id = SECTION_ID,
					     .outermost = SECTION_ID});
}

static int write_file(struct made *made)
{
	const struct dz_kind_schema *schema = dz_schema_find(made->kind->number);
	int fd = scenario_unnamed_file();
	struct scenario scenario = scenario_begin(fd, 1);

	scenario.now_ns += 2 * SECOND;
	assert_true(schema->field_count <= FIELDS_MAX);
	for (uint32_t i = 0; i < schema->field_count; i++)
		made->values[i] = make_value(made, &scenario, i);
	if (!made->without_event)
		assert_int_equal(dz_writer_add(scenario.writer, (enum dz_kind)made->kind->number,
					       made->values),
				 DZ_OK);
	if (made->in_section)
		add_section(&scenario);
	if (made->lost)
		scenario_lost(&scenario, made->lost, "ring full", 5);
	scenario_close(&scenario);
	return fd;
}

struct written {
	struct trace *trace;
	struct report_options options;
};

static void write_report(FILE *out, void *context)
{
	const struct written *written = context;
	const struct report report = {
		.options = &written->options, .trace = written->trace, .out = out};

	assert_true(report_write(&report));
}

static char *make_report(struct made *made, enum report_mode mode)
{
	struct written written = {
		.trace = replayed_file(write_file(made)),
		.options = {.mode = mode},
	};
	char *text = replayed_text(write_report, &written);

	trace_free(written.trace);
	return text;
}

/* The report shows steps and phases in their section, and no others. */
static void the_report_shows_it(const struct kind *kind)
{
	const bool in_section = kind->number == DZ_KIND_STEP || kind->number == DZ_KIND_PHASE;
	struct made with = {.kind = kind, .in_section = in_section};
	struct made without = {.kind = kind, .in_section = in_section, .without_event = true};
	char *text = make_report(&with, REPORT_TABLES);
	char *other = make_report(&without, REPORT_TABLES);

	if (!strstr(text, SUBJECT))
		fail_msg("the report does not show kind %s: no task", kind->name);
	if (strcmp(text, other) == 0)
		fail_msg("the report does not show kind %s: the same text without it", kind->name);
	free(text);
	free(other);
}

/* How the line of a kind begins if that is not with its name. */
static const char *find_line_start(const struct kind *kind)
{
	switch (kind->number) {
	case DZ_KIND_DELIVERY:
		return "takes SIG";
	case DZ_KIND_PROBE:
		return "probe arguments: returned"; /* the values of the fields of these names */
	default:
		return kind->name;
	}
}

static void events_shows_it(const struct kind *kind)
{
	struct made made = {.kind = kind};
	char *text = make_report(&made, REPORT_EVENTS);
	char expected[128];

	snprintf(expected, sizeof(expected), "  " SUBJECT "[%u]  %s", SUBJECT_PID,
		 find_line_start(kind));
	if (!strstr(text, expected))
		fail_msg("--events does not show kind %s: no \"%s\" in %s", kind->name, expected,
			 text);
	free(text);
}

/* diag-report(1), JSON: the unit is at the end of the name, a task has several members. */
static void make_member_name(const struct dz_field_schema *field, char *name, size_t size)
{
	static const char *const units[] = {"ns", "us", "ms", "bytes"};

	snprintf(name, size, "%s", field->name);
	if (field->type == DZ_TYPE_TASK)
		snprintf(name, size, "%s%spid", strcmp(field->name, "task") ? field->name : "",
			 strcmp(field->name, "task") ? "_" : "");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(field->unit, units[i]) == 0)
			snprintf(name, size, "%s_%s", field->name, units[i]);
}

static bool has_value(const struct made *made, const struct dz_field_schema *field, uint64_t value,
		      const json_t *member)
{
	const char *word = event_field_word(made->kind->number, field->name, value);

	if (word)
		return json_is_string(member) && strcmp(json_string_value(member), word) == 0;
	switch ((int)field->type) {
	case DZ_TYPE_FLAG:
		return json_is_false(member);
	case DZ_TYPE_STRING:
		return json_is_string(member) &&
		       strcmp(json_string_value(member), field->name) == 0;
	case DZ_TYPE_STACK:
		return json_array_size(member) == 2;
	case DZ_TYPE_UINT:
	case DZ_TYPE_INT:
		return strcmp(field->unit, "hex") == 0
			       ? json_is_string(member)
			       : (uint64_t)json_integer_value(member) == value;
	default:
		return json_is_integer(member) && json_integer_value(member) > 0;
	}
}

/* Every field is a member: there are no exceptions. */
static void assert_has_fields(const struct made *made, const json_t *object)
{
	const struct dz_kind_schema *schema = dz_schema_find(made->kind->number);

	for (uint32_t i = 0; i < schema->field_count; i++) {
		const struct dz_field_schema *field = &schema->fields[i];
		char name[128];

		make_member_name(field, name, sizeof(name));
		if (!has_value(made, field, made->values[i], json_object_get(object, name)))
			fail_msg("JSON of kind %s: field %s is absent, or member %s has another "
				 "value",
				 made->kind->name, field->name, name);
	}
}

static void json_has_every_field(const struct kind *kind)
{
	struct made made = {.kind = kind};
	char *text = make_report(&made, REPORT_JSON);
	json_t *object = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
	const char *type = json_string_value(json_object_get(object, "type"));

	if (!type || strcmp(type, kind->name) != 0)
		fail_msg("JSON does not show kind %s: type %s", kind->name, type ? type : "absent");
	assert_has_fields(&made, object);
	json_decref(object);
	free(text);
}

static bool count(void *context, const struct visitor_event *event)
{
	(void)event;
	++*(unsigned int *)context;
	return true;
}

static void filters_find_its_subject(const struct kind *kind)
{
	struct made made = {.kind = kind};
	struct trace *trace = replayed_file(write_file(&made));
	struct id_range range = {SUBJECT_PID, SUBJECT_PID};
	const struct selection selection = {.tgids = {&range, 1}};
	const uint64_t bit = VISITOR_KIND(kind->number);
	unsigned int of_subject = 0, of_other = 0;

	replayed_show(trace, &selection, (struct visitor){&of_subject, bit, count});
	range.first = range.last = SUBJECT_PID + 1;
	replayed_show(trace, &selection, (struct visitor){&of_other, bit, count});
	if (of_subject != 1 || of_other != 0)
		fail_msg("--tgid does not compare field %s of kind %s", kind->subject, kind->name);
	trace_free(trace);
}

struct leaves {
	const char *name; /* of the last frame */
	bool found;
};

static bool look_for_leaf(void *context, const struct fold_stack *stack)
{
	struct leaves *leaves = context;

	for (size_t i = 0; i < stack->count; i++) {
		const struct fold_text *name = &stack->frames[i].name;

		leaves->found |= strlen(leaves->name) == name->size &&
				 memcmp(leaves->name, name->bytes, name->size) == 0;
	}
	return true;
}

static bool folds_frame(struct made *made, const char *name)
{
	const struct fold_request request = {.selection.kinds = VISITOR_KIND(made->kind->number)};
	struct leaves leaves = {.name = name};
	const struct fold_sink sink = {.context = &leaves, .stack = look_for_leaf};
	struct fold *fold;

	assert_true(fold_open(&request, &fold));
	assert_true(fold_add(fold, "test.dz", write_file(made)));
	assert_int_equal(fold_run(fold, &sink), FOLD_OK);
	fold_close(fold);
	return leaves.found;
}

static void fold_draws_its_stacks(const struct kind *kind)
{
	static const char *const fields[] = {"user_stack", "kernel_stack"};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct made made = {.kind = kind};
		char leaf[64];

		snprintf(leaf, sizeof(leaf), "leaf_of_%s", fields[i]);
		if (has_field(kind, fields[i]) && !folds_frame(&made, leaf))
			fail_msg("diag-fold does not draw field %s of kind %s", fields[i],
				 kind->name);
	}
}

/* Kinds without a stack are not drawn, except for sections, which weigh by their time. */
static void fold_draws_its_losses(const struct kind *kind)
{
	struct made made = {.kind = kind, .lost = kind->name};

	if (!has_field(kind, "user_stack") && kind->number != DZ_KIND_SECTION)
		return;
	if (!folds_frame(&made, "[lost]"))
		fail_msg("diag-fold does not draw [lost] for lost records of kind %s", kind->name);
}

static void for_each_event_kind(void (*check)(const struct kind *kind))
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is_event(&kinds[i]))
			check(&kinds[i]);
}

static void the_report_shows_every_kind(void **state)
{
	(void)state;
	for_each_event_kind(the_report_shows_it);
}

static void events_shows_every_kind(void **state)
{
	(void)state;
	for_each_event_kind(events_shows_it);
}

static void json_has_every_field_of_every_kind(void **state)
{
	(void)state;
	for_each_event_kind(json_has_every_field);
}

static void filters_know_the_subject_of_every_kind(void **state)
{
	(void)state;
	for_each_event_kind(filters_find_its_subject);
}

static void fold_draws_every_kind_with_a_stack_and_its_losses(void **state)
{
	(void)state;
	for_each_event_kind(fold_draws_its_stacks);
	for_each_event_kind(fold_draws_its_losses);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_report_shows_every_kind),
		cmocka_unit_test(events_shows_every_kind),
		cmocka_unit_test(json_has_every_field_of_every_kind),
		cmocka_unit_test(filters_know_the_subject_of_every_kind),
		cmocka_unit_test(fold_draws_every_kind_with_a_stack_and_its_losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
