/* tests/text/test_similar_names.c - text/similar_names.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/similar_names.h"

static void the_nearest_three_come_nearest_first(void **state)
{
	static const char *const names[] = {"vfs_write", "vfs_readv", "ksys_read", "vfs_read",
					    "vfs_reed",  "unrelated", "vfs_rea"};
	struct similar_names similar;
	char text[SIMILAR_NAMES_TEXT_MAX];

	(void)state;
	similar_names_begin(&similar, "vfs_raed");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		similar_names_offer(&similar, names[i]);
	similar_names_text(&similar, text);
	assert_string_equal(text, "vfs_read, vfs_reed, vfs_readv");
}

static void without_a_similar_name_the_text_is_empty(void **state)
{
	struct similar_names similar;
	char text[SIMILAR_NAMES_TEXT_MAX];

	(void)state;
	similar_names_begin(&similar, "x");
	similar_names_offer(&similar, "y");
	similar_names_offer(&similar,
			    "completely_different_and_longer_than_sixty_four_characters_in_all_"
			    "that_it_has");
	similar_names_text(&similar, text);
	assert_string_equal(text, "");
}

static void a_nearer_name_replaces_the_farthest(void **state)
{
	struct similar_names similar;
	char text[SIMILAR_NAMES_TEXT_MAX];

	(void)state;
	similar_names_begin(&similar, "do_unlinkat");
	similar_names_offer(&similar, "do_linkat");
	similar_names_offer(&similar, "io_unlink");
	similar_names_offer(&similar, "io_unlinkat");
	similar_names_offer(&similar, "do_unlinkatt");
	similar_names_offer(&similar, "no_unlinkat");
	similar_names_text(&similar, text);
	assert_string_equal(text, "io_unlinkat, do_unlinkatt, no_unlinkat");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_three_come_nearest_first),
		cmocka_unit_test(without_a_similar_name_the_text_is_empty),
		cmocka_unit_test(a_nearer_name_replaces_the_farthest),
	};

	return cmocka_run_group_tests_name("record/similar_names", tests, NULL, NULL);
}
