/* tests/record/output/test_free_space.c - record/output/free_space.c */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/output/free_space.h"

static void a_size_or_a_share_stays_free(void **state)
{
	struct free_space_floor floor = {0};

	(void)state;
	assert_true(free_space_parse("1M", &floor));
	assert_int_equal(floor.bytes, 1u << 20);
	assert_int_equal(floor.percent, 100);
	assert_true(free_space_parse("7%", &floor));
	assert_int_equal(floor.bytes, UINT64_MAX);
	assert_int_equal(floor.percent, 7);
}

static void an_invalid_text_changes_nothing(void **state)
{
	static const char *const texts[] = {"", "%", "101%", "0007%", "-1", "1.5%", "much", "5%%"};
	struct free_space_floor floor = {1, 2};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(free_space_parse(texts[i], &floor));
	assert_int_equal(floor.bytes, 1);
	assert_int_equal(floor.percent, 2);
}

static void the_smaller_one_applies_and_zero_disables(void **state)
{
	int fd = open("/", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(free_space_kept(&(struct free_space_floor){1, 100}, fd), 1);
	assert_int_equal(free_space_kept(&(struct free_space_floor){0, 100}, fd), 0);
	assert_int_equal(free_space_kept(&(struct free_space_floor){UINT64_MAX, 0}, fd), 0);
	assert_false(free_space_is_short(0, fd));
	assert_true(free_space_is_short(UINT64_MAX, fd));
	(void)close(fd);
}

static void without_the_size_of_the_file_system_there_is_no_limit(void **state)
{
	(void)state;
	assert_int_equal(free_space_kept(&(struct free_space_floor){1, 100}, -1), 0);
	assert_false(free_space_is_short(1, -1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_size_or_a_share_stays_free),
		cmocka_unit_test(an_invalid_text_changes_nothing),
		cmocka_unit_test(the_smaller_one_applies_and_zero_disables),
		cmocka_unit_test(without_the_size_of_the_file_system_there_is_no_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
