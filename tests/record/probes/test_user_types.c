/* tests/record/probes/test_user_types.c - record/probes/user_types.c, by a known library */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "record/probes/user_probes.h"

#define EVENT_MAX 512

#if defined(__x86_64__)
#define SEVENTH "g=-7"
#else
#define SEVENTH "g=[4 bytes]"
#endif

static const char *const libraries[] = {DESCRIBED_PLAIN, DESCRIBED_OPTIMIZED};

/* Registers with more than the arguments: their upper bytes are not part of a smaller one. */
static const struct event_probe_data hit = {
	.arguments = {0x11111111111111f0, 0x222222222222fff0, 0x33333333fffffff0,
		      0xfffffffffffffff0, 0xfffffffffffffff1, 0x5555555555555501},
	.data = {0xf9, 0xff, 0xff, 0xff, 0x11, 0x11},
};

/* Finds the probe of an event such as "uprobe:numbers(a,b)"; the library comes between. */
static void expand(const char *event, const char *library, struct probe_spec *ret_spec,
		   struct probe_list *ret_list)
{
	const char *function = strchr(event, ':') + 1;
	char text[EVENT_MAX];
	const char *what = NULL;
	struct problem problem;

	*ret_list = (struct probe_list){0};
	snprintf(text, sizeof(text), "%.*s%s:%s", (int)(function - event), event, library,
		 function);
	assert_true(probe_spec_parse(text, ret_spec, &what));
	assert_true(user_probes_expand(ret_spec, ret_list, &problem));
	assert_int_equal(ret_list->count, 1);
}

static void check(const char *event, const char *expected, const char *prototype)
{
	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
		char text[PROBE_FIELDS_TEXT_MAX];
		struct probe_list list;
		struct probe_spec spec;

		expand(event, libraries[i], &spec, &list);
		assert_null(list.probes[0].failure);
		probe_fields_text(&list.probes[0].fields, &hit, text);
		assert_string_equal(text, expected);
		if (prototype)
			assert_string_equal(list.probes[0].prototype, prototype);
		else
			assert_null(list.probes[0].prototype);
		probe_list_release(&list);
		probe_spec_release(&spec);
	}
}

static void test_arguments_have_names_and_types(void **state)
{
	(void)state;
	check("uprobe:numbers()",
	      "a=-16 b=65520 c=-16 d=-16 e=18446744073709551601 f=true " SEVENTH,
	      "int numbers(signed char a, short unsigned int b, int c, long int d, "
	      "long unsigned int e, _Bool f, int g)");
	check("uprobe:texts(text,list)", "text=\"\" list=0x222222222222fff0",
	      "void *texts(const char *text, char *const *list, function *function, int unused)");
	check("uprobe:decimals()", "x=[8 bytes] n=286331376 y=[4 bytes] m=2459565876494663664",
	      "double decimals(double x, int n, float y, long int m)");
	check("uretprobe:nothing()", "", "void nothing(void)");
	/* Its word of the stack is not read when it returns. */
	check("uretprobe:numbers(g)", "g=[4 bytes]",
	      "int numbers(signed char a, short unsigned int b, int c, long int d, "
	      "long unsigned int e, _Bool f, int g)");
}

static void test_numbers_are_names_too(void **state)
{
	(void)state;
	check("uprobe:numbers(a,arg0,str1,arg5)",
	      "a=-16 arg0=1229782938247303664 str1=\"\" arg5=6148914691236517121",
	      "int numbers(signed char a, short unsigned int b, int c, long int d, "
	      "long unsigned int e, _Bool f, int g)");
	/* No longer at the start of the function. */
	check("uprobe:numbers+4(arg0)", "arg0=1229782938247303664", NULL);
}

#if defined(__x86_64__)
static void test_words_that_could_not_be_read_have_no_value(void **state)
{
	struct event_probe_data unread = hit;
	char text[PROBE_FIELDS_TEXT_MAX];
	struct probe_list list;
	struct probe_spec spec;

	(void)state;
	unread.data[PROBE_DATA_BYTES - 1] = PROBE_STRING_UNREAD;
	expand("uprobe:numbers(f,g)", DESCRIBED_PLAIN, &spec, &list);
	probe_fields_text(&list.probes[0].fields, &unread, text);
	assert_string_equal(text, "f=true g=[not in memory]");
	probe_list_release(&list);
	probe_spec_release(&spec);
}
#endif

static void test_a_name_that_is_none_fails_with_the_names(void **state)
{
	struct probe_list list;
	struct probe_spec spec;

	(void)state;
	expand("uprobe:colours(d)", DESCRIBED_PLAIN, &spec, &list);
	assert_string_equal(list.probes[0].failure,
			    "no argument of that name: use c, size, arg0 to arg5, str0 to str5");
	probe_list_release(&list);
	probe_spec_release(&spec);
	expand("uprobe:numbers+4(a)", DESCRIBED_PLAIN, &spec, &list);
	assert_non_null(strstr(list.probes[0].failure, "no types of its arguments"));
	probe_list_release(&list);
	probe_spec_release(&spec);
}

static void test_results_have_the_size_of_their_type(void **state)
{
	static const struct {
		const char *event;
		int64_t value;
		int64_t expected;
		bool has_none;
	} results[] = {
		{"uretprobe:numbers", 0x11111111fffffff0, -16, false},
		{"uretprobe:any_number", 0x11111111fffffff0, 0xfffffff0, false},
		{"uretprobe:by_memory", 0x1111111111111101, 1, false},
		{"uretprobe:texts", 0x1111111111111101, 0x1111111111111101, false},
		{"uretprobe:decimals", 7, 0, true},
		{"uretprobe:nothing", 7, 0, true},
		{"uretprobe:large_result", 7, 0, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		struct probe_list list;
		struct probe_spec spec;

		expand(results[i].event, DESCRIBED_OPTIMIZED, &spec, &list);
		assert_int_equal(probe_result(&list.probes[0], results[i].value),
				 results[i].expected);
		assert_int_equal(probe_has_no_result(&list.probes[0]), results[i].has_none);
		probe_list_release(&list);
		probe_spec_release(&spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments_have_names_and_types),
		cmocka_unit_test(test_numbers_are_names_too),
#if defined(__x86_64__)
		cmocka_unit_test(test_words_that_could_not_be_read_have_no_value),
#endif
		cmocka_unit_test(test_a_name_that_is_none_fails_with_the_names),
		cmocka_unit_test(test_results_have_the_size_of_their_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
