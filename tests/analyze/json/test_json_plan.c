/* tests/analyze/json/test_json_plan.c - names and types of the members that fields become */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/json/json_plan.h"

static void units_are_at_the_end_of_names(void **state)
{
	struct json_plan *plan = json_plan_new(dz_schema_find(DZ_KIND_EXIT));

	(void)state;
	assert_non_null(plan);
	assert_string_equal(plan->type, "exit");
	assert_string_equal(plan->fields[0].name, "time_ns");
	assert_string_equal(plan->fields[10].name, "max_rss_bytes");
	assert_int_equal(plan->fields[5].type, JSON_FIELD_FLAG);
	assert_int_equal(plan->system_call, 7);
	free(plan);
}

static const struct dz_field_schema forged[] = {
	{"time", DZ_TYPE_TIME, "ns", ""},       {"task", DZ_TYPE_TASK, "", ""},
	{"class", DZ_TYPE_STRING, "", ""},      {"signal", DZ_TYPE_STRING, "", ""},
	{"max_rss", DZ_TYPE_UINT, "bytes", ""}, {"max_rss_bytes", DZ_TYPE_UINT, "", ""},
	{"new_field", DZ_TYPE_UINT, "us", ""},
};

/* A file can have any fields. Each name of a member has one meaning and one type. */
static void a_forged_field_has_no_name_of_another_member(void **state)
{
	const struct dz_kind_schema schema = {DZ_KIND_EXIT, "none", NULL, 7, forged};
	struct json_plan *plan = json_plan_new(&schema);

	(void)state;
	assert_non_null(plan);
	assert_string_equal(plan->type, "exit");
	assert_int_equal(plan->fields[1].type, JSON_FIELD_TASK);
	assert_int_equal(plan->fields[2].type, JSON_FIELD_NONE);
	assert_int_equal(plan->fields[3].type, JSON_FIELD_NONE);
	assert_int_equal(plan->fields[4].type, JSON_FIELD_UINT);
	assert_int_equal(plan->fields[5].type, JSON_FIELD_NONE);
	assert_string_equal(plan->fields[6].name, "new_field_us");
	free(plan);
}

static void an_unknown_kind_is_other(void **state)
{
	const struct dz_kind_schema schema = {60, "earthquake", NULL, 7, forged};
	const struct dz_kind_schema longer = {60, "earthquakes", NULL, 7, forged};
	struct json_plan *plan = json_plan_new(&schema);

	(void)state;
	assert_non_null(plan);
	assert_string_equal(plan->type, "other");
	assert_string_equal(plan->other_kind, "earthquake");
	assert_true(json_plan_fits(plan, &schema));
	assert_false(json_plan_fits(plan, &longer));
	free(plan);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_are_at_the_end_of_names),
		cmocka_unit_test(a_forged_field_has_no_name_of_another_member),
		cmocka_unit_test(an_unknown_kind_is_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
