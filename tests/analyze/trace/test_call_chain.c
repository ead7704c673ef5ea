/* tests/analyze/trace/test_call_chain.c - stacks as arrays of frames, and their names */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "analyze/trace/call_chain.h"
#include "tests/analyze/replayed.h"

#define ASSERT_NAME(chain, number, expected)                                                       \
	do {                                                                                       \
		char name[CALL_NAME_MAX];                                                          \
		size_t size = call_frame_name(exit.file, (chain)->frames[number], name);           \
		assert_string_equal(name, expected);                                               \
		assert_int_equal(size, strlen(expected));                                          \
	} while (0)

static void add_exit_with_stack(struct scenario *scenario)
{
	scenario_exit(
		scenario,
		(struct dz_exit){
			.task = scenario_task(scenario,
					      &(struct scenario_task){.pid = 5, .comm = "p"}),
			.user_stack = scenario_stack(
				scenario, "[truncated];_ZN3foo3barEi@/opt/liba.so.1;_Znot_mangled;"
					  "?@/opt/liba.so.1;_RNvCs1234_7mycrate3foo"),
		});
}

static void frames_are_leaf_first_and_demangled(void **state)
{
	struct trace *trace = replayed_trace(add_exit_with_stack);
	struct replayed_exit exit = replayed_exit(trace, 5, false);
	struct call_chain chain;
	struct trace_text module;

	(void)state;
	call_chain_load(exit.file, exit.row.user_stack, &chain);
	assert_int_equal(chain.count, 5);
	ASSERT_NAME(&chain, 0, "mycrate::foo");
	ASSERT_NAME(&chain, 1, "liba.so.1+0x40");
	ASSERT_NAME(&chain, 2, "_Znot_mangled");
	ASSERT_NAME(&chain, 3, "foo::bar(int)");
	ASSERT_NAME(&chain, 4, "[truncated]");
	module = call_frame_module(exit.file, chain.frames[3]);
	assert_int_equal(module.size, strlen("/opt/liba.so.1"));
	assert_int_equal(call_frame_module(exit.file, chain.frames[4]).size, 0);
	trace_free(trace);
}

static void a_missing_frame_is_damaged_and_no_stack_is_empty(void **state)
{
	struct trace *trace = replayed_trace(add_exit_with_stack);
	struct replayed_exit exit = replayed_exit(trace, 5, false);
	struct call_chain chain;

	(void)state;
	call_chain_load(exit.file, 0, &chain);
	assert_int_equal(chain.count, 0);
	call_chain_load(exit.file, 12345678, &chain);
	assert_int_equal(chain.count, 1);
	ASSERT_NAME(&chain, 0, "[damaged]");
	trace_free(trace);
}

static void a_base_name_is_what_follows_the_last_slash(void **state)
{
	static const struct {
		const char *path;
		const char *base;
	} cases[] = {{"/lib/libc.so.6", "libc.so.6"}, {"a", "a"}, {"", ""}, {"/lib/", "/lib/"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trace_text base =
			call_base_name((struct trace_text){cases[i].path, strlen(cases[i].path)});

		assert_int_equal(base.size, strlen(cases[i].base));
		assert_memory_equal(base.bytes, cases[i].base, base.size);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_leaf_first_and_demangled),
		cmocka_unit_test(a_missing_frame_is_damaged_and_no_stack_is_empty),
		cmocka_unit_test(a_base_name_is_what_follows_the_last_slash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
