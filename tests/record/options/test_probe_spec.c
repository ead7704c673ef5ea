/* tests/record/options/test_probe_spec.c - record/options/probe_spec.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/options/probe_spec.h"

static struct probe_spec parsed(const char *text)
{
	struct probe_spec spec = {0};
	const char *what = NULL;

	if (!probe_spec_parse(text, &spec, &what))
		fail_msg("%s: %s", text, what);
	return spec;
}

static void a_function_is_taken_apart(void **state)
{
	struct probe_spec spec = parsed("kprobe:vfs_read+0x10");

	(void)state;
	assert_int_equal(spec.form, PROBE_KPROBE);
	assert_string_equal(spec.text, "kprobe:vfs_read+0x10");
	assert_string_equal(spec.module, "");
	assert_string_equal(spec.pattern, "vfs_read");
	assert_int_equal(spec.offset, 16);
	assert_false(spec.with_arguments);
	probe_spec_release(&spec);
}

static void a_module_and_arguments_are_taken_apart(void **state)
{
	struct probe_spec spec = parsed("kretprobe:ext4:ext4_*(inode,count)");

	(void)state;
	assert_int_equal(spec.form, PROBE_KRETPROBE);
	assert_string_equal(spec.module, "ext4");
	assert_string_equal(spec.pattern, "ext4_*");
	assert_true(spec.with_arguments);
	assert_int_equal(spec.argument_count, 2);
	assert_string_equal(spec.argument_names[0], "inode");
	assert_string_equal(spec.argument_names[1], "count");
	probe_spec_release(&spec);
}

static void empty_parentheses_mean_all_arguments(void **state)
{
	struct probe_spec spec = parsed("kprobe:vfs_read()");

	(void)state;
	assert_true(spec.with_arguments);
	assert_int_equal(spec.argument_count, 0);
	probe_spec_release(&spec);
}

static void a_tracepoint_has_a_category(void **state)
{
	struct probe_spec spec = parsed("tracepoint:sched:sched_*");

	(void)state;
	assert_int_equal(spec.form, PROBE_TRACEPOINT);
	assert_string_equal(spec.module, "sched");
	assert_string_equal(spec.pattern, "sched_*");
	probe_spec_release(&spec);
}

static void a_user_program_has_a_file(void **state)
{
	struct probe_spec spec = parsed("uprobe:/opt/a:b/lib.so.6:_Z4*v");

	(void)state;
	assert_int_equal(spec.form, PROBE_UPROBE);
	assert_string_equal(spec.module, "/opt/a:b/lib.so.6");
	assert_string_equal(spec.pattern, "_Z4*v");
	assert_null(spec.provider);
	assert_false(spec.is_address);
	probe_spec_release(&spec);
	spec = parsed("uprobe:./a.out:work+0x10(arg0,str1)");
	assert_int_equal(spec.offset, 16);
	assert_int_equal(spec.argument_count, 2);
	assert_string_equal(spec.pattern, "work");
	probe_spec_release(&spec);
	spec = parsed("uprobe:a.out:0x1f0");
	assert_true(spec.is_address);
	probe_spec_release(&spec);
}

static void a_usdt_probe_has_a_provider(void **state)
{
	struct probe_spec spec = parsed("usdt:/usr/bin/python3:python:line(str0)");

	(void)state;
	assert_int_equal(spec.form, PROBE_USDT);
	assert_string_equal(spec.module, "/usr/bin/python3");
	assert_string_equal(spec.provider, "python");
	assert_string_equal(spec.pattern, "line");
	probe_spec_release(&spec);
	spec = parsed("usdt:libc:setjmp");
	assert_string_equal(spec.module, "libc");
	assert_string_equal(spec.provider, "*");
	probe_spec_release(&spec);
}

static void forms_know_what_they_have(void **state)
{
	(void)state;
	assert_true(probe_form_is_user(PROBE_USDT) && !probe_form_is_user(PROBE_TRACEPOINT));
	assert_true(probe_form_has_latency(PROBE_URETPROBE));
	assert_true(probe_form_has_latency(PROBE_KRETPROBE));
	assert_false(probe_form_has_latency(PROBE_UPROBE));
	assert_string_equal(probe_form_name(PROBE_URETPROBE), "uretprobe");
}

static void what_is_no_probe_is_not_meant_as_one(void **state)
{
	(void)state;
	assert_true(probe_spec_is_meant("kprobe:"));
	assert_false(probe_spec_is_meant("exit"));
	assert_false(probe_spec_is_meant("kprobes:vfs_read"));
	assert_false(probe_spec_is_meant(""));
}

static void mistakes_are_refused_with_a_reason(void **state)
{
	static const char *const texts[] = {
		"exit",
		"kprobe:",
		"kprobe:vfs read",
		"kprobe:vfs_read+",
		"kprobe:vfs_read+x",
		"kprobe:vfs_read+99999999999",
		"kprobe:vfs_read(",
		"kprobe:vfs_read(a",
		"kprobe:vfs_read(a,,b)",
		"kprobe:vfs_read(a,b,c,d,e,f,g)",
		"kretprobe:vfs_read+4",
		"tracepoint:sched_switch",
		"tracepoint:sched:sched_switch(prev)",
		"kprobe:../../etc/passwd",
		"uprobe:",
		"uprobe:main",
		"uprobe::main",
		"uprobe:a.out:",
		"uprobe:a.out:mai n",
		"uprobe:a.out:main+",
		"uprobe:a.out:m*+4",
		"uretprobe:a.out:main+4",
		"uretprobe:a.out:main(a",
		"usdt:python3",
		"usdt::line",
		"usdt:python3:py thon:line",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct probe_spec spec = {0};
		const char *what = NULL;

		if (probe_spec_parse(texts[i], &spec, &what))
			fail_msg("%s is taken for a probe", texts[i]);
		assert_non_null(what);
		assert_null(spec.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_is_taken_apart),
		cmocka_unit_test(a_module_and_arguments_are_taken_apart),
		cmocka_unit_test(empty_parentheses_mean_all_arguments),
		cmocka_unit_test(a_tracepoint_has_a_category),
		cmocka_unit_test(a_user_program_has_a_file),
		cmocka_unit_test(a_usdt_probe_has_a_provider),
		cmocka_unit_test(forms_know_what_they_have),
		cmocka_unit_test(what_is_no_probe_is_not_meant_as_one),
		cmocka_unit_test(mistakes_are_refused_with_a_reason),
	};

	return cmocka_run_group_tests_name("record/probe_spec", tests, NULL, NULL);
}
