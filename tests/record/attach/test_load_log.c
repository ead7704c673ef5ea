/* tests/record/attach/test_load_log.c - record/attach/load_log.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "record/attach/load_log.h"

static void test_a_refusal_names_the_program_and_the_last_lines(void **state)
{
	struct problem problem;

	(void)state;
	load_log_begin(false);
	load_log_note("libbpf: prog 'on_exit_call': BPF program load failed: Permission denied\n");
	assert_false(load_log_explain(&problem));
	load_log_note("libbpf: prog 'on_exit_call': -- BEGIN PROG LOAD LOG --\n"
		      "0: R1=ctx() R10=fp0\n"
		      "; number = 3;\n"
		      "12: (85) call bpf_ringbuf_output#130\n"
		      "R3 unbounded memory access, use 'var &= const'\n"
		      "processed 13 insns (limit 1000000) max_states_per_insn 0\n"
		      "-- END PROG LOAD LOG --\n");
	assert_true(load_log_explain(&problem));
	assert_string_equal(problem.text,
			    "cannot load BPF programs: this kernel's verifier refuses "
			    "on_exit_call: 12: (85) call bpf_ringbuf_output#130; "
			    "R3 unbounded memory access, use 'var &= const': use a kernel that was "
			    "tested, or report this with what --verbose prints");
}

static void test_the_first_refusal_counts_until_the_next_load(void **state)
{
	struct problem problem;

	(void)state;
	load_log_begin(false);
	load_log_note("prog 'first': -- BEGIN PROG LOAD LOG --\nbad\n-- END PROG LOAD LOG --\n");
	load_log_note("prog 'second': -- BEGIN PROG LOAD LOG --\nworse\n-- END PROG LOAD LOG --\n");
	assert_true(load_log_explain(&problem));
	assert_non_null(strstr(problem.text, "refuses first: bad"));
	load_log_begin(false);
	assert_false(load_log_explain(&problem));
}

static void test_the_first_map_that_was_refused_has_a_name_until_the_next_load(void **state)
{
	struct problem problem;

	(void)state;
	load_log_begin(false);
	assert_null(load_log_map());
	load_log_note("libbpf: Error in bpf_create_map_xattr(tasks):Invalid argument(-22). "
		      "Retrying without BTF.\n");
	load_log_note("libbpf: map 'counts': created successfully, fd=4\n");
	load_log_note("libbpf: prog 'counts': failed to create perf event\n");
	assert_null(load_log_map());
	load_log_note("libbpf: map 'section_tasks': failed to create: Invalid argument(-22)\n");
	load_log_note("libbpf: map 'others': failed to create: Invalid argument(-22)\n");
	assert_string_equal(load_log_map(), "section_tasks");
	assert_false(load_log_explain(&problem));
	load_log_begin(false);
	assert_null(load_log_map());
}

static void test_other_texts_are_no_refusal(void **state)
{
	struct problem problem;
	char text[4096];

	(void)state;
	load_log_begin(false);
	load_log_note("");
	load_log_note("libbpf: map 'counts': failed to create: Operation not permitted(-1)\n");
	load_log_note("-- BEGIN PROG LOAD LOG --\nbad\n");
	assert_false(load_log_explain(&problem));
	/* Long lines and no end: cut. */
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text, "prog 'long': -- BEGIN PROG LOAD LOG --\n", 39);
	load_log_note(text);
	assert_true(load_log_explain(&problem));
	assert_non_null(strstr(problem.text, "refuses long: xxx"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_refusal_names_the_program_and_the_last_lines),
		cmocka_unit_test(test_the_first_refusal_counts_until_the_next_load),
		cmocka_unit_test(
			test_the_first_map_that_was_refused_has_a_name_until_the_next_load),
		cmocka_unit_test(test_other_texts_are_no_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
