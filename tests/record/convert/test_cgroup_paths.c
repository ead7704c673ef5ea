/* tests/record/convert/test_cgroup_paths.c - record/convert/cgroup_paths.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record/convert/cgroup_paths.h"
#include "tests/record/memory_trace.h"

#define FIXED_BYTES (sizeof(struct event_cgroup) - EVENT_CGROUP_NAMES_MAX)

static void a_path_is_built_from_names_innermost_first(void **state)
{
	static const char names[] = "inner\0middle\0outer";
	char path[64];

	(void)state;
	assert_true(cgroup_path(names, sizeof(names), false, path, sizeof(path)));
	assert_string_equal(path, "/outer/middle/inner");
	assert_true(cgroup_path(names, 6, false, path, sizeof(path)));
	assert_string_equal(path, "/inner");
}

static void the_root_has_a_path_without_names(void **state)
{
	char path[8];

	(void)state;
	assert_true(cgroup_path("", 0, false, path, sizeof(path)));
	assert_string_equal(path, "/");
}

static void a_path_shows_that_its_outermost_names_are_missing(void **state)
{
	static const char names[] = "inner\0middle";
	char path[64];

	(void)state;
	assert_true(cgroup_path(names, sizeof(names), true, path, sizeof(path)));
	assert_string_equal(path, "/.../middle/inner");
}

static void a_path_that_does_not_fit_is_rejected(void **state)
{
	static const char names[] = "inner\0outer";
	char path[13];

	(void)state;
	assert_true(cgroup_path(names, sizeof(names), false, path, sizeof(path)));
	assert_false(cgroup_path(names, sizeof(names), false, path, sizeof(path) - 1));
	assert_false(cgroup_path("no NUL", 6, false, path, sizeof(path)));
}

static struct event_cgroup record_of(uint64_t id, const char *name)
{
	struct event_cgroup record = {
		.header.kind = EVENT_CGROUP,
		.id = id,
		.hierarchy = 1,
		.names_bytes = (uint16_t)(strlen(name) + 1),
	};

	memcpy(record.names, name, strlen(name) + 1);
	return record;
}

static void a_group_that_was_learnt_has_a_reference_to_its_path(void **state)
{
	const struct event_cgroup record = record_of(42, "web");
	struct cgroups *cgroups = cgroups_new();
	struct memory_trace trace;
	uint32_t reference;

	(void)state;
	assert_non_null(cgroups);
	memory_trace_begin(&trace);
	assert_int_equal(cgroups_intern(cgroups, trace.writer, 42, 1), 0);
	assert_true(cgroups_learn(cgroups, &record, FIXED_BYTES + record.names_bytes));
	reference = cgroups_intern(cgroups, trace.writer, 42, 1);
	assert_int_not_equal(reference, 0);
	assert_int_equal(reference, dz_writer_text(trace.writer, "/web"));
	/* The same number in another hierarchy is another group. */
	assert_int_equal(cgroups_intern(cgroups, trace.writer, 42, 2), 0);
	cgroups_forget(cgroups);
	assert_int_equal(cgroups_intern(cgroups, trace.writer, 42, 1), reference);
	cgroups_free(cgroups);
	memory_trace_end(&trace);
}

/* A direct-mapped cache of 8192 would lose tens of so many groups. */
static void groups_do_not_take_the_place_of_each_other(void **state)
{
	struct cgroups *cgroups = cgroups_new();
	struct event_cgroup record;

	(void)state;
	assert_non_null(cgroups);
	for (uint64_t id = 1; id <= 1000; id++) {
		record = record_of(id * id * 43, "web");
		assert_true(cgroups_learn(cgroups, &record, FIXED_BYTES + record.names_bytes));
	}
	for (uint64_t id = 1; id <= 1000; id++)
		assert_non_null(cgroups_path(cgroups, id * id * 43, 1));
	cgroups_free(cgroups);
}

static void a_record_shorter_than_its_names_is_invalid(void **state)
{
	struct event_cgroup record = record_of(42, "web");
	struct cgroups *cgroups = cgroups_new();

	(void)state;
	assert_false(cgroups_learn(cgroups, &record, FIXED_BYTES + record.names_bytes - 1));
	assert_false(cgroups_learn(cgroups, &record, FIXED_BYTES - 1));
	record.names[record.names_bytes - 1] = 'x';
	assert_false(cgroups_learn(cgroups, &record, FIXED_BYTES + record.names_bytes));
	cgroups_free(cgroups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_built_from_names_innermost_first),
		cmocka_unit_test(the_root_has_a_path_without_names),
		cmocka_unit_test(a_path_shows_that_its_outermost_names_are_missing),
		cmocka_unit_test(a_path_that_does_not_fit_is_rejected),
		cmocka_unit_test(a_group_that_was_learnt_has_a_reference_to_its_path),
		cmocka_unit_test(groups_do_not_take_the_place_of_each_other),
		cmocka_unit_test(a_record_shorter_than_its_names_is_invalid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
