/* tests/text/test_id_list.c - text/id_list.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/id_list.h"

static void a_list_contains_its_numbers_and_no_others(void **state)
{
	struct id_list list;

	(void)state;
	assert_true(id_list_parse("23,0-16", UINT32_MAX, &list));
	for (uint32_t id = 0; id < 40; id++)
		assert_int_equal(id_list_contains(&list, id), id <= 16 || id == 23);
	assert_false(id_list_contains(&list, UINT32_MAX));
	id_list_release(&list);
}

static void ranges_that_overlap_or_touch_become_one(void **state)
{
	struct id_list list;

	(void)state;
	assert_true(id_list_parse("5-9,1-3,4,8-20,4294967295", UINT32_MAX, &list));
	assert_int_equal(list.count, 2);
	assert_int_equal(list.ranges[0].first, 1);
	assert_int_equal(list.ranges[0].last, 20);
	assert_true(id_list_contains(&list, UINT32_MAX));
	id_list_release(&list);
}

static void invalid_lists_are_refused(void **state)
{
	static const char *const bad[] = {"",    ",",    "1,",         ",1",   "1-",
					  "-1",  "3-1",  "1--2",       "1 ,2", "a",
					  "1;2", "1025", "4294967296", "1-2-3"};
	struct id_list list = {.count = 7};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(id_list_parse(bad[i], 1024, &list));
	assert_int_equal(list.count, 7);
}

static void the_empty_list_contains_nothing_and_may_be_released(void **state)
{
	struct id_list list = {0};

	(void)state;
	assert_false(id_list_contains(&list, 0));
	id_list_release(&list);
	assert_null(list.ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_contains_its_numbers_and_no_others),
		cmocka_unit_test(ranges_that_overlap_or_touch_become_one),
		cmocka_unit_test(invalid_lists_are_refused),
		cmocka_unit_test(the_empty_list_contains_nothing_and_may_be_released),
	};

	return cmocka_run_group_tests_name("text/id_list", tests, NULL, NULL);
}
