/* tests/flame/style/test_colour.c - stable colours, and nothing else in a style sheet
 *
 * Covers flame/style/colour.c and flame/tree/frame_type.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flame/style/colour.h"
#include "flame/tree/frame_type.h"

static void only_colours_get_into_a_style_sheet(void **state)
{
	static const char *const good[] = {"#fff", "#12abEF", "rgb(1,2, 3)", "red"};
	static const char *const bad[] = {"",          "#ffff",
					  "#ggg",      "red;}",
					  "url(x)",    "rgb(1)x",
					  "rgb(1,2,3", "</style>",
					  "a b",       "abcdefghijklmnopqrstuvwxyzabcdefghijk"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(colour_is_valid(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(colour_is_valid(bad[i]));
}

static void a_name_has_one_colour_of_its_type(void **state)
{
	const struct name user = {.text = "main", .size = 4, .type = FRAME_TYPE_USER};
	const struct name kernel = {.text = "main", .size = 4, .type = FRAME_TYPE_KERNEL};

	(void)state;
	assert_int_equal(colour_class(&user), colour_class(&user));
	assert_int_equal(colour_class_name(colour_class(&user)).text[0], 'u');
	assert_int_equal(colour_class_name(colour_class(&kernel)).text[0], 'k');
	assert_int_equal(colour_class(&user) % COLOUR_SHADES,
			 colour_class(&kernel) % COLOUR_SHADES);
}

static void changes_are_coloured_by_direction_and_size(void **state)
{
	const unsigned middle = COLOUR_DELTAS / 2;

	(void)state;
	assert_int_equal(colour_delta_class(5, 5, 100, false), middle);
	assert_int_equal(colour_delta_class(0, 100, 100, false), COLOUR_DELTAS - 1);
	assert_int_equal(colour_delta_class(100, 0, 100, false), 0);
	assert_int_equal(colour_delta_class(100, 0, 100, true), COLOUR_DELTAS - 1);
	assert_int_equal(colour_delta_class(0, 1, 1000000, false), middle + 1);
	assert_true(colour_delta_class(0, UINT64_MAX, UINT64_MAX, false) < COLOUR_DELTAS);
}

static void types_follow_from_names_and_modules(void **state)
{
	static const struct {
		const char *name;
		enum frame_type type;
	} names[] = {
		{"main", FRAME_TYPE_USER},
		{"tcp_sendmsg_[k]", FRAME_TYPE_KERNEL},
		{"Interpreter_[j]", FRAME_TYPE_JIT},
		{"inner_[i]", FRAME_TYPE_INLINED},
		{"do_syscall_64", FRAME_TYPE_KERNEL},
		{"[unknown]", FRAME_TYPE_UNKNOWN},
		{"0x7f001234", FRAME_TYPE_UNKNOWN},
		{"[lost]", FRAME_TYPE_LOST},
		{"libc.so.6", FRAME_TYPE_LIBRARY},
		{"org/apache/Foo.bar", FRAME_TYPE_JIT},
		{"-", FRAME_TYPE_GROUP},
		{"->x", FRAME_TYPE_USER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(frame_type_of_name(names[i].name, strlen(names[i].name)),
				 names[i].type);
	assert_int_equal(frame_type_of_module("[kernel.kallsyms]", 17), FRAME_TYPE_KERNEL);
	assert_int_equal(frame_type_of_module("/lib/libc.so.6", 14), FRAME_TYPE_LIBRARY);
	assert_int_equal(frame_type_of_module("/tmp/perf-12.map", 16), FRAME_TYPE_JIT);
	assert_int_equal(frame_type_of_module("/bin/dd", 7), FRAME_TYPE_USER);
	assert_int_equal(frame_type_of_module("", 0), FRAME_TYPE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_colours_get_into_a_style_sheet),
		cmocka_unit_test(a_name_has_one_colour_of_its_type),
		cmocka_unit_test(changes_are_coloured_by_direction_and_size),
		cmocka_unit_test(types_follow_from_names_and_modules),
	};

	return cmocka_run_group_tests_name("flame/colour", tests, NULL, NULL);
}
