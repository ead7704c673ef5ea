/* tests/record/options/test_uprobe_spec.c - record/options/uprobe_spec.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/options/uprobe_spec.h"

static void a_pair_has_two_places(void **state)
{
	struct uprobe_spec spec;
	const char *what;

	(void)state;
	assert_true(
		uprobe_spec_parse("tgid=12 start-file=/bin/x start-offset=1875 stop-file=/bin/y "
				  "stop-offset=0x75d threshold=250us label=request",
				  &spec, &what));
	assert_int_equal(spec.pid, 12);
	assert_string_equal(spec.start.file, "/bin/x");
	assert_int_equal(spec.start.offset_bytes, 1875);
	assert_string_equal(spec.stop.file, "/bin/y");
	assert_int_equal(spec.stop.offset_bytes, 0x75d);
	assert_int_equal(spec.threshold_ns, 250000);
	assert_string_equal(spec.label, "request");
	assert_false(spec.stop_is_return);
	assert_false(spec.start.is_address || spec.stop.is_address);
	assert_true(uprobe_spec_parse(
		"start-file=/bin/x start-address=0x401060 stop-address=0x401090", &spec, &what));
	assert_int_equal(spec.start.offset_bytes, 0x401060);
	assert_int_equal(spec.stop.offset_bytes, 0x401090);
	assert_true(spec.start.is_address && spec.stop.is_address);
}

static void a_function_alone_ends_where_it_returns(void **state)
{
	struct uprobe_spec spec;
	const char *what;

	(void)state;
	assert_true(uprobe_spec_parse("start-file=/bin/x start-symbol=handle", &spec, &what));
	assert_int_equal(spec.pid, 0);
	assert_true(spec.stop_is_return);
	assert_string_equal(spec.stop.file, "/bin/x");
	assert_string_equal(spec.stop.symbol, "handle");
}

static void the_default_file_is_the_program_of_the_process(void **state)
{
	struct uprobe_spec spec;
	const char *what;

	(void)state;
	assert_true(uprobe_spec_parse("tgid=7 start-symbol=a stop-symbol=b", &spec, &what));
	assert_string_equal(spec.start.file, "/proc/7/exe");
	assert_string_equal(spec.stop.file, "/proc/7/exe");
}

static void the_reason_names_the_wrong_word(void **state)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
		{"", "start-symbol"},
		{"start-symbol=a", "start-file"},
		{"start-file=/x", "start-symbol"},
		{"start-file=/x start-symbol=a start-symbol=b", "twice"},
		{"start-file=/x start-symbol=a colour=red", "tgid="},
		{"start-file=/x start-symbol", "tgid="},
		{"start-file= start-symbol=a", "start-file"},
		{"tgid=x start-symbol=a", "tgid"},
		{"tgid=0 start-symbol=a", "tgid"},
		{"start-file=/x start-offset=0x", "start-offset"},
		{"start-file=/x start-address=main", "start-address"},
		{"start-file=/x start-symbol=a start-address=0x1060", "neither"},
		{"start-file=/x start-symbol=a stop-offset=1 stop-address=2", "neither"},
		{"start-file=/x start-offset=0xg1", "start-offset"},
		{"start-file=/x start-offset=0x11111111111111111", "start-offset"},
		{"start-file=/x start-offset=-1", "start-offset"},
		{"start-file=/x start-symbol=a stop-file=/y", "stop-file"},
		{"start-file=/x start-symbol=a threshold=soon", "threshold"},
		{"start-file=/x start-symbol=a "
		 "label=0123456789012345678901234567890123456789012345678",
		 "label"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct uprobe_spec spec = {.pid = 99};
		const char *what = NULL;

		assert_false(uprobe_spec_parse(cases[i].text, &spec, &what));
		assert_int_equal(spec.pid, 99);
		assert_non_null(strstr(what, cases[i].word));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pair_has_two_places),
		cmocka_unit_test(a_function_alone_ends_where_it_returns),
		cmocka_unit_test(the_default_file_is_the_program_of_the_process),
		cmocka_unit_test(the_reason_names_the_wrong_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
