/* tests/record/kernel/test_memory_limit.c - record/kernel/memory_limit.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "record/kernel/memory_limit.h"
#include "tests/record/directory.h"

static const struct memory_limit_sources sources = {.groups = "groups", .mounts = "mounts"};

static void put(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* The files of group / of each version are in ".", as if it were mounted there. */
static void version_2_has_the_limit_of_memory_max(void **state)
{
	struct memory_limit limit;

	(void)state;
	put("mounts", "cgroup2 . cgroup2 rw,relatime 0 0\n");
	put("groups", "0::/\n");
	put("memory.max", "33554432\n");
	assert_true(memory_limit_find(&sources, &limit));
	assert_int_equal(limit.bytes, 33554432);
	assert_string_equal(limit.file, "./memory.max");
}

static void version_1_has_the_limit_of_its_controller(void **state)
{
	struct memory_limit limit;

	(void)state;
	put("mounts", "a /nowhere cgroup rw,cpu 0 0\ncgroup . cgroup rw,cpuset,memory 0 0\n");
	put("groups", "9:cpu:/x\n4:cpuset,memory:/\n0::/y\n");
	put("memory.limit_in_bytes", "16777216\n");
	assert_true(memory_limit_find(&sources, &limit));
	assert_int_equal(limit.bytes, 16777216);
	assert_string_equal(limit.file, "./memory.limit_in_bytes");
}

static void a_group_has_the_limits_of_its_ancestors(void **state)
{
	struct memory_limit limit;

	(void)state;
	put("mounts", "cgroup2 . cgroup2 rw 0 0\n");
	put("groups", "0::/none/of these/is here\n");
	put("memory.max", "4096\n");
	assert_true(memory_limit_find(&sources, &limit));
	assert_int_equal(limit.bytes, 4096);
}

static void without_a_limit_none_is_found(void **state)
{
	struct memory_limit limit = {.bytes = 7};

	(void)state;
	put("mounts", "cgroup2 . cgroup2 rw 0 0\ncgroup . cgroup rw,memory 0 0\n");
	put("groups", "4:memory:/\n0::/\n");
	put("memory.max", "max\n");
	put("memory.limit_in_bytes", "9223372036854771712\n");
	assert_false(memory_limit_find(&sources, &limit));
	assert_int_equal(limit.bytes, 7);
}

static void a_missing_or_invalid_file_is_no_limit(void **state)
{
	const struct memory_limit_sources nowhere = {.groups = "none", .mounts = "nothing"};
	struct memory_limit limit;

	(void)state;
	assert_false(memory_limit_find(&nowhere, &limit));
	put("mounts", "cgroup2 . cgroup2 rw 0 0\ncgroup\n\n . cgroup\n");
	put("groups", "0\n:\n::\n4:memor:/\n4:memory\n");
	put("memory.max", "");
	assert_false(memory_limit_find(&sources, &limit));
	put("memory.max", "lots\n");
	assert_false(memory_limit_find(&sources, &limit));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(version_2_has_the_limit_of_memory_max,
						directory_enter, directory_leave),
		cmocka_unit_test_setup_teardown(version_1_has_the_limit_of_its_controller,
						directory_enter, directory_leave),
		cmocka_unit_test_setup_teardown(a_group_has_the_limits_of_its_ancestors,
						directory_enter, directory_leave),
		cmocka_unit_test_setup_teardown(without_a_limit_none_is_found, directory_enter,
						directory_leave),
		cmocka_unit_test_setup_teardown(a_missing_or_invalid_file_is_no_limit,
						directory_enter, directory_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
