/* tests/record/probes/test_similar_names.c - record/probes/similar_names.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/probes/similar_names.h"

static void the_nearest_three_come_nearest_first(void **state)
{
	static const char *const names[] = {"vfs_write", "vfs_readv", "ksys_read", "vfs_read",
					    "vfs_reed",  "unrelated", "vfs_rea"};
	struct near_names near;
	char text[NEAR_NAMES_TEXT_MAX];

	(void)state;
	near_names_begin(&near, "vfs_raed");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		near_names_offer(&near, names[i]);
	near_names_text(&near, text);
	assert_string_equal(text, "vfs_reed, vfs_read, vfs_rea");
}

static void nothing_near_gives_nothing(void **state)
{
	struct near_names near;
	char text[NEAR_NAMES_TEXT_MAX];

	(void)state;
	near_names_begin(&near, "x");
	near_names_offer(&near, "y");
	near_names_offer(&near, "completely_different_and_longer_than_sixty_four_characters_in_all_"
				"that_it_has");
	near_names_text(&near, text);
	assert_string_equal(text, "");
}

static void a_nearer_name_drives_out_the_farthest(void **state)
{
	struct near_names near;
	char text[NEAR_NAMES_TEXT_MAX];

	(void)state;
	near_names_begin(&near, "do_unlinkat");
	near_names_offer(&near, "do_linkat");
	near_names_offer(&near, "io_unlink");
	near_names_offer(&near, "io_unlinkat");
	near_names_offer(&near, "do_unlinkatt");
	near_names_offer(&near, "no_unlinkat");
	near_names_text(&near, text);
	assert_string_equal(text, "io_unlinkat, do_unlinkatt, no_unlinkat");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_three_come_nearest_first),
		cmocka_unit_test(nothing_near_gives_nothing),
		cmocka_unit_test(a_nearer_name_drives_out_the_farthest),
	};

	return cmocka_run_group_tests_name("record/near_names", tests, NULL, NULL);
}
