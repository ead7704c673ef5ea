/* tests/analyze/trace/test_event_field.c - fields by name, and words for enum values */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "analyze/trace/event_field.h"

static struct dz_event make_event(const uint64_t *values)
{
	const struct dz_kind_schema *schema = dz_schema_find(DZ_KIND_SIGNAL);

	return (struct dz_event){.kind = DZ_KIND_SIGNAL, .schema = schema, .values = values};
}

static void a_field_is_found_by_name_and_type(void **state)
{
	const uint64_t values[] = {100, 3, 7, 8, 15};
	const struct dz_event event = make_event(values);
	uint64_t value = 0;

	(void)state;
	assert_true(event_field_find(&event, "cpu", DZ_TYPE_UINT, &value));
	assert_int_equal(value, 3);
	assert_true(event_field_find(&event, "receiver", DZ_TYPE_TASK, &value));
	assert_int_equal(value, 8);
	assert_false(event_field_find(&event, "cpu", DZ_TYPE_TASK, &value));
	assert_false(event_field_find(&event, "nothing", DZ_TYPE_UINT, &value));
	assert_int_equal(value, 8);
}

static void enum_values_have_words(void **state)
{
	(void)state;
	assert_string_equal(event_field_word(DZ_KIND_SIGNAL, "result", 1), "ignored");
	assert_string_equal(event_field_word(DZ_KIND_SIGNAL, "source", 13), "cgroup_kill");
	assert_string_equal(event_field_word(DZ_KIND_STEP, "step_type", 15), "stop");
	assert_string_equal(event_field_word(DZ_KIND_PHASE, "state", 6), "blocked");
	assert_string_equal(event_field_word(DZ_KIND_SECTION, "source", 3), "control");
	assert_string_equal(event_field_word(DZ_KIND_SECTION, "end", 2), "recording_end");
}

static void other_numbers_have_no_words(void **state)
{
	(void)state;
	assert_null(event_field_word(DZ_KIND_SIGNAL, "result", 99));
	assert_null(event_field_word(DZ_KIND_SIGNAL, "result", UINT64_MAX));
	assert_null(event_field_word(DZ_KIND_SIGNAL, "signal", 1));
	assert_null(event_field_word(DZ_KIND_EXIT, "result", 1));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_field_is_found_by_name_and_type),
		cmocka_unit_test(enum_values_have_words),
		cmocka_unit_test(other_numbers_have_no_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
