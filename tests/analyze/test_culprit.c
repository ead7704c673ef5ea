/* tests/analyze/test_culprit.c - who called abort() or exit() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "analyze/call_chain.h"
#include "analyze/culprit.h"
#include "tests/analyze/replayed.h"

#define CALL_EXIT_GROUP 231

/* Chains, outermost first, what they tell, and who is to blame; NULL for nobody. */
static const struct {
	const char *chain;
	const char *how;
	const char *culprit;
} ends[] = {
	{"main;give_up@liba.so;exit@libc.so.6;__run_exit_handlers@libc.so.6;_exit@libc.so.6",
	 "exit()", "give_up"},
	{"_start;__libc_start_main_impl@libc.so.6;__libc_start_call_main@libc.so.6;exit@libc.so.6;"
	 "__run_exit_handlers@libc.so.6;_exit@libc.so.6",
	 NULL, NULL},
	{"main;check;__assert_fail@libc.so.6;__assert_fail_base@libc.so.6;abort@libc.so.6;"
	 "raise@libc.so.6;__pthread_kill_implementation@libc.so.6",
	 "failed assertion", "check"},
	{"main;overflow;__stack_chk_fail@libc.so.6;__fortify_fail@libc.so.6;__libc_message@libc.so."
	 "6;"
	 "abort@libc.so.6",
	 "stack smashing detected", "overflow"},
	{"main;free_twice;_int_free@libc.so.6;malloc_printerr@libc.so.6;__libc_message@libc.so.6;"
	 "abort@libc.so.6",
	 "heap corruption found by malloc", "free_twice"},
	{"main;_ZN6Parser4readEv;__cxa_throw@libstdc++.so.6;_ZSt9terminatev@libstdc++.so.6;"
	 "_ZN9__gnu_cxx27__verbose_terminate_handlerEv@libstdc++.so.6;abort@libc.so.6",
	 "uncaught C++ exception", "Parser::read()"},
	{"main;?;abort@libc.so.6", "abort()", "program+0x20"},
	{"abort@libc.so.6", "abort()", NULL},
	{"[truncated];abort@libc.so.6", "abort()", NULL},
	{"main;pause@libc.so.6", NULL, NULL},
};

#define ENDS (sizeof(ends) / sizeof(ends[0]))

static void add_ends(struct scenario *scenario)
{
	for (uint32_t i = 0; i < ENDS; i++) {
		uint64_t task = scenario_task(
			scenario, &(struct scenario_task){.pid = 100 + i, .comm = "ends"});

		scenario_exit(scenario, (struct dz_exit){.task = task,
							 .exit_code = 1,
							 .system_call = CALL_EXIT_GROUP,
							 .user_stack = scenario_stack(
								 scenario, ends[i].chain)});
	}
}

static void assert_equal_or_null(const char *text, const char *expected)
{
	assert_int_equal(text == NULL, expected == NULL);
	if (expected)
		assert_string_equal(text, expected);
}

static void the_first_frame_that_is_not_the_runtime_is_to_blame(void **state)
{
	struct trace *trace = replayed_trace(add_ends);

	(void)state;
	for (uint32_t i = 0; i < ENDS; i++) {
		struct replayed_exit exit = replayed_exit(trace, 100 + i, false);
		struct culprit culprit = culprit_find(&exit.cause);
		char name[CALL_NAME_MAX];

		assert_equal_or_null(culprit.how, ends[i].how);
		if (culprit.frame)
			call_frame_name(exit.file, culprit.frame, name);
		assert_equal_or_null(culprit.frame ? name : NULL, ends[i].culprit);
	}
	trace_free(trace);
}

static void of_a_fault_the_innermost_frame_is_to_blame(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit parser = replayed_exit(trace, 30001, false);
	struct culprit culprit = culprit_find(&parser.cause);
	char name[CALL_NAME_MAX];

	(void)state;
	assert_null(culprit.how);
	call_frame_name(parser.file, culprit.frame, name);
	assert_string_equal(name, "parse_line");
	trace_free(trace);
}

static void add_fault_in_library(struct scenario *scenario)
{
	uint64_t task =
		scenario_task(scenario, &(struct scenario_task){.pid = 100, .comm = "faults"});

	scenario_signal(
		scenario,
		(struct dz_signal){
			.task = task, .receiver = task, .signal = 11, .code = 1, .origin = 2});
	scenario_exit(scenario,
		      (struct dz_exit){.task = task,
				       .signal = 11,
				       .user_stack = scenario_stack(
					       scenario, "main;measure;puts@/lib/libc.so.6;"
							 "__strlen_evex@/lib/libc.so.6")});
}

static void of_a_fault_in_the_c_library_its_caller_is_told(void **state)
{
	struct trace *trace = replayed_trace(add_fault_in_library);
	struct replayed_exit exit = replayed_exit(trace, 100, false);
	struct culprit culprit = culprit_find(&exit.cause);
	char name[CALL_NAME_MAX];

	(void)state;
	call_frame_name(exit.file, culprit.frame, name);
	assert_string_equal(name, "__strlen_evex");
	call_frame_name(exit.file, culprit.caller, name);
	assert_string_equal(name, "measure");
	trace_free(trace);
}

static void nobody_in_it_is_to_blame_for_being_killed(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit killed = replayed_exit(trace, 20305, false);

	(void)state;
	assert_null(culprit_find(&killed.cause).frame);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_frame_that_is_not_the_runtime_is_to_blame),
		cmocka_unit_test(of_a_fault_the_innermost_frame_is_to_blame),
		cmocka_unit_test(of_a_fault_in_the_c_library_its_caller_is_told),
		cmocka_unit_test(nobody_in_it_is_to_blame_for_being_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
