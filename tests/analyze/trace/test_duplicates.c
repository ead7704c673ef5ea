/* tests/analyze/trace/test_duplicates.c - analyze/trace/duplicates.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/trace/duplicates.h"

#define SECOND_NS UINT64_C(1000000000)

/* Notes an exit of a file, and returns whether it is a duplicate. */
static bool note(struct duplicates *duplicates, uint32_t file, uint32_t boot, struct dz_exit exit)
{
	const struct dz_event event = {
		.kind = DZ_KIND_EXIT,
		.time_ns = exit.time,
		.schema = dz_schema_find(DZ_KIND_EXIT),
		.values = (const uint64_t *)&exit,
	};
	const struct duplicates_event noted = {
		.event = &event, .unix_ns = exit.time, .file = file, .boot = boot};
	bool duplicate;

	assert_true(duplicates_note(duplicates, &noted, &duplicate));
	return duplicate;
}

static void an_event_of_two_files_is_a_duplicate(void **state)
{
	struct duplicates *duplicates = duplicates_new();
	const struct dz_exit exit = {.time = SECOND_NS, .exit_code = 3};

	(void)state;
	assert_non_null(duplicates);
	assert_false(note(duplicates, 1, 0, exit));
	assert_true(note(duplicates, 2, 0, exit));
	assert_true(note(duplicates, 3, 0, exit));
	assert_false(note(duplicates, 4, 1, exit)); /* another boot */
	duplicates_free(duplicates);
}

static void events_that_differ_in_a_number_are_different(void **state)
{
	struct duplicates *duplicates = duplicates_new();

	(void)state;
	assert_false(note(duplicates, 1, 0, (struct dz_exit){.time = 5, .exit_code = 3}));
	assert_false(note(duplicates, 2, 0, (struct dz_exit){.time = 5, .exit_code = 4}));
	assert_false(note(duplicates, 2, 0, (struct dz_exit){.time = 6, .exit_code = 3}));
	assert_false(note(duplicates, 2, 0, (struct dz_exit){.time = 5, .signal = 3}));
	duplicates_free(duplicates);
}

static void names_and_stacks_do_not_matter(void **state)
{
	struct duplicates *duplicates = duplicates_new();

	(void)state;
	assert_false(note(duplicates, 1, 0, (struct dz_exit){.time = 5, .user_stack = 3}));
	assert_true(note(duplicates, 2, 0, (struct dz_exit){.time = 5, .end_comm = 1}));
	duplicates_free(duplicates);
}

static void a_file_can_hold_equal_events(void **state)
{
	struct duplicates *duplicates = duplicates_new();
	const struct dz_exit exit = {.time = 5};

	(void)state;
	assert_false(note(duplicates, 1, 0, exit));
	assert_false(note(duplicates, 1, 0, exit));
	assert_true(note(duplicates, 2, 0, exit));
	assert_true(note(duplicates, 2, 0, exit));
	assert_false(note(duplicates, 2, 0, exit)); /* file 1 has only two */
	assert_true(note(duplicates, 1, 0, exit));
	duplicates_free(duplicates);
}

static void events_of_long_ago_are_forgotten(void **state)
{
	struct duplicates *duplicates = duplicates_new();
	const struct dz_exit exit = {.time = 5};

	(void)state;
	assert_false(note(duplicates, 1, 0, exit));
	for (uint64_t i = 1; i < 50; i++)
		assert_false(note(duplicates, 1, 0, (struct dz_exit){.time = i * SECOND_NS}));
	assert_true(note(duplicates, 2, 0, (struct dz_exit){.time = 49 * SECOND_NS}));
	assert_false(note(duplicates, 2, 0, exit));
	duplicates_clear(duplicates);
	assert_false(note(duplicates, 2, 0, exit));
	duplicates_free(duplicates);
	duplicates_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_of_two_files_is_a_duplicate),
		cmocka_unit_test(events_that_differ_in_a_number_are_different),
		cmocka_unit_test(names_and_stacks_do_not_matter),
		cmocka_unit_test(a_file_can_hold_equal_events),
		cmocka_unit_test(events_of_long_ago_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
