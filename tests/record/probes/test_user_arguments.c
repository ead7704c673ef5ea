/* tests/record/probes/test_user_arguments.c - record/probes/user_arguments.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record/probes/user_arguments.h"

/* Writes the fields that the names select, of a note or of a function, for one hit. */
static void check(const char *event, const char *note, const struct event_probe_data *hit,
		  const char *expected)
{
	char text[PROBE_FIELDS_TEXT_MAX];
	struct probe_fields fields = {0};
	struct probe_spec spec = {0};
	const char *what = NULL;

	assert_true(probe_spec_parse(event, &spec, &what));
	if (note)
		assert_true(user_arguments_of_note(&spec, note, &fields, &what));
	else
		assert_true(user_arguments_by_number(&spec, &fields, &what));
	probe_fields_text(&fields, hit, text);
	assert_string_equal(text, expected);
	probe_spec_release(&spec);
}

static void arguments_of_a_function_have_numbers(void **state)
{
	struct event_probe_data hit = {.arguments = {7, 8, 0, 10, 11, 0xffff888012345678}};

	(void)state;
	memcpy(hit.data + 2 * PROBE_STRING_BYTES, "a \"b\"", 6);
	hit.data[5 * PROBE_STRING_BYTES - 1] = PROBE_STRING_UNREAD;
	check("uprobe:a:f()", NULL, &hit,
	      "arg0=7 arg1=8 arg2=0 arg3=10 arg4=11 arg5=18446612682375452280");
	check("uprobe:a:f(arg5,str1,str2,str3)", NULL, &hit,
	      "arg5=18446612682375452280 str1=\"a \"\"b\"\"\" str2=NULL str3=[not in memory]");
}

static void arguments_of_a_note_have_signs(void **state)
{
	struct event_probe_data hit = {.arguments = {(uint64_t)-3, 4, 5, 6, 7, 8}};
	const int64_t seventh = -9;

	(void)state;
	memcpy(hit.data, &seventh, sizeof(seventh));
	check("usdt:a:p:n", "-4@%edi 8@%rsi", &hit, "arg0=-3 arg1=4");
	check("usdt:a:p:n", "", &hit, "");
	check("usdt:a:p:n(arg6,arg0)", "-4@$1 8@8(%rsp) 4@x(%rip) 1@%al 2@%ax 8@%rax -8@%r8", &hit,
	      "arg6=-9 arg0=-3");
}

static void other_names_are_refused(void **state)
{
	static const char *const events[] = {"uprobe:a:f(x)", "uprobe:a:f(arg6)", "uprobe:a:f(arg)",
					     "uprobe:a:f(str100)", "uprobe:a:f(arg1x)"};

	(void)state;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		struct probe_fields fields = {0};
		struct probe_spec spec = {0};
		const char *what = NULL;

		assert_true(probe_spec_parse(events[i], &spec, &what));
		assert_false(user_arguments_by_number(&spec, &fields, &what));
		assert_non_null(what);
		assert_false(user_arguments_of_note(&spec, "8@%rdi", &fields, &what));
		probe_spec_release(&spec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_of_a_function_have_numbers),
		cmocka_unit_test(arguments_of_a_note_have_signs),
		cmocka_unit_test(other_names_are_refused),
	};

	return cmocka_run_group_tests_name("record/probes/user_arguments", tests, NULL, NULL);
}
