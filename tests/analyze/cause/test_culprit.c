/* tests/analyze/cause/test_culprit.c - the frame held responsible for the end of a process */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "analyze/cause/culprit.h"
#include "analyze/trace/call_chain.h"
#include "tests/analyze/replayed.h"

#define CALL_EXIT_GROUP 231

/* Call chains, outermost frame first, with their mechanism and culprit; NULL: none. */
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
	{"main;copy;__strcpy_chk@libc.so.6;__chk_fail@libc.so.6;__fortify_fail@libc.so.6;abort@"
	 "libc."
	 "so.6",
	 "buffer overflow detected", "copy"},
	{"main;free_twice;free@libc.so.6;_int_free@libc.so.6;malloc_printerr@libc.so.6;"
	 "__libc_message@libc.so.6;abort@libc.so.6",
	 "heap corruption found by free()", "free_twice"},
	{"main;grow;_int_malloc;malloc_printerr;abort", "heap corruption found by malloc", "grow"},
	{"main;main_loop;_Znwm@libstdc++.so.6.0.30;malloc@libc.so.6;?@libc.so.6;abort@libc.so.6",
	 "heap corruption found by malloc()", "main_loop"},
	/* Without debug files most of the C library's functions have no names. */
	{"_start;__libc_start_main@libc.so.6;?@libc.so.6;main;give_up;exit@libc.so.6;?@libc.so.6;"
	 "_exit@libc.so.6",
	 "exit()", "give_up"},
	{"_start;__libc_start_main@libc.so.6;?@libc.so.6;exit@libc.so.6;?@libc.so.6;_exit@libc.so."
	 "6",
	 NULL, NULL},
	{"main;check;__assert_fail@libc.so.6;?@libc.so.6;abort@libc.so.6;raise@libc.so.6;?@libc.so."
	 "6",
	 "failed assertion", "check"},
	{"main;leave;errx@libc.so.6;verrx@libc.so.6;exit@libc.so.6;?@libc.so.6;_exit@libc.so.6",
	 "exit()", "leave"},
	{"main;_Z5quietv;__cxa_throw@libstdc++.so.6;_Unwind_RaiseException@libgcc_s.so.1;?@libgcc_"
	 "s."
	 "so.1;__gxx_personality_v0@libstdc++.so.6;?@libstdc++.so.6;abort@libc.so.6",
	 "uncaught C++ exception", "quiet()"},
	{"main;_Z4findv;_ZSt24__throw_out_of_range_fmtPKcz@libstdc++.so.6;__cxa_throw@libstdc++.so."
	 "6;"
	 "_ZSt9terminatev@libstdc++.so.6;?@libstdc++.so.6;abort@libc.so.6",
	 "uncaught C++ exception", "find()"},
	{"main;_Z6finishv;_ZSt9terminatev@libstdc++.so.6;?@libstdc++.so.6;abort@libc.so.6",
	 "std::terminate()", "finish()"},
	{"main;_ZN3app5check17h0123456789abcdefE;"
	 "_RNvNtCsgEmfK2I1SDS_4core9panicking18panic_bounds_check;"
	 "_RNvNtCsgEmfK2I1SDS_4core9panicking9panic_fmt;_RNvCsfLfy6EI15iL_7___rustc17rust_begin_"
	 "unwind;"
	 "_RNvCsfLfy6EI15iL_7___rustc10rust_panic;_RNvCsfLfy6EI15iL_7___rustc12___rust_abort;"
	 "_RNvNtCsjrHSEGnQ3l9_3std7process5abort;"
	 "_RNvNtNtNtCsjrHSEGnQ3l9_3std3sys3pal4unix14abort_internal;abort@libc.so.6",
	 "Rust panic", "app::check"},
	{"main;_ZN3app5check17h0123456789abcdefE;_ZN4core6option13unwrap_"
	 "failed17h0123456789abcdefE;"
	 "_ZN4core9panicking5panic17h0123456789abcdefE;rust_begin_unwind;__rust_start_panic;abort@"
	 "libc.so.6",
	 "Rust panic", "app::check"},
	{"main;_ZN3app4walk17h0123456789abcdefE;__restore_rt@libc.so.6;"
	 "_RNvNtNtNtNtNtCsjrHSEGnQ3l9_3std3sys3pal4unix14stack_overflow3imp14signal_handler;"
	 "_RNvNtCsjrHSEGnQ3l9_3std7process5abort;abort@libc.so.6",
	 "stack overflow", "app::walk"},
	{"runtime.goexit.abi0;runtime.main;main.main;main.check;runtime.gopanic;runtime.fatalpanic;"
	 "runtime.crash;runtime.dieFromSignal;runtime.raise.abi0",
	 "Go panic", "main.check"},
	{"runtime.goexit.abi0;runtime.main;main.main;main.leave;os.Exit;os.runtime_beforeExit;"
	 "runtime.exit.abi0",
	 "os.Exit()", "main.leave"},
	{"runtime.goexit.abi0;runtime.main;runtime.exit.abi0", NULL, NULL},
	{"start_thread@libc.so.6;Native_call@libnative.so;__restore_rt@libc.so.6;"
	 "JVM_handle_linux_signal@libjvm.so;_ZN7VMError14report_and_dieEP6ThreadjPhPvS3_@libjvm.so;"
	 "_ZN2os5abortEbPvPKv@libjvm.so;abort@libc.so.6",
	 "fatal error of the Java machine (hs_err)", "Native_call"},
	{"main;_ZN6Parser4readEv;__cxa_throw@libstdc++.so.6;_ZSt9terminatev@libstdc++.so.6;"
	 "_ZN9__gnu_cxx27__verbose_terminate_handlerEv@libstdc++.so.6;abort@libc.so.6",
	 "uncaught C++ exception", "Parser::read()"},
	{"main;_ZSt17rethrow_exceptionNSt15__exception_ptr13exception_ptrE@libstdc++.so.6;"
	 "_ZSt9terminatev@libstdc++.so.6;?@libstdc++.so.6;abort@libc.so.6",
	 "uncaught C++ exception", "main"},
	/* The terminate handler is not to blame. */
	{"main;_Z6throwsv;__cxa_throw@libstdc++.so.6;_ZSt9terminatev@libstdc++.so.6;"
	 "?@libstdc++.so.6;_Z9end_politev;exit@libc.so.6;_exit@libc.so.6",
	 "uncaught C++ exception", "throws()"},
	{"main;_Z4ownsv;_ZSt9terminatev@libstdc++.so.6;?@libstdc++.so.6;_Z9end_politev;abort@libc."
	 "so."
	 "6",
	 "std::terminate()", "owns()"},
	{"main;_Z4indxv;_ZSt21__glibcxx_assert_failPKciS0_S0_@libstdc++.so.6;abort@libc.so.6",
	 "failed assertion", "indx()"},
	{"main;check;g_assertion_message_expr@libglib-2.0.so.0;?@libglib-2.0.so.0;abort@libc.so.6",
	 "failed assertion", "check"},
	{"main;check;g_log@libglib-2.0.so.0;g_logv@libglib-2.0.so.0;?@libglib-2.0.so.0",
	 "fatal error logged", "check"},
	{"main;write_beyond;__asan_report_store4@libasan.so.8;"
	 "_ZN6__asan18ReportGenericErrorEmmmmbmjb@libasan.so.8;"
	 "_ZN6__asan19ScopedInErrorReportD1Ev@libasan.so.8;_ZN11__sanitizer3DieEv@libasan.so.8;"
	 "_ZN11__sanitizer15internal__exitEi@libasan.so.8",
	 "AddressSanitizer report", "write_beyond"},
	{"main;crash;__restore_rt@libc.so.6;_ZN6__asan18AsanOnDeadlySignalEiPvS0_;"
	 "_ZN11__sanitizer3DieEv;_ZN11__sanitizer15internal__exitEi",
	 "AddressSanitizer report", "crash"},
	{"main;shift;__ubsan_handle_shift_out_of_bounds_abort@libubsan.so.1;"
	 "_ZN11__sanitizer3DieEv@libubsan.so.1",
	 "UndefinedBehaviorSanitizer report", "shift"},
	{"start_thread@libc.so.6;Native_call@libnative.so;_Z12report_fatal11VMErrorTypePKciS1_z@"
	 "libjvm.so;_ZN7VMError14report_and_dieEP6ThreadjPhPvS3_@libjvm.so;abort@libc.so.6",
	 "fatal error of the Java machine (hs_err)", "Native_call"},
	/* It handles exceptions further out, and has ended for another reason. */
	{"main;std;_ZSt9terminatev;a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q;r;abort@libc.so.6", "abort()",
	 "r"},
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

static void the_first_frame_outside_the_runtime_is_the_culprit(void **state)
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

static const struct {
	const char *chain;
	const char *calls;
} shown[] = {
	{"_start;__libc_start_call_main@libc.so.6;main;run;give_up;exit@libc.so.6",
	 "give_up <- run <- main"},
	{"?@libc.so.6;work;give_up;exit@libc.so.6", "give_up <- work"},
	{"clone3@libc.so.6;start_thread@libc.so.6;work;abort@libc.so.6", "work"},
	{"main;sort;qsort@libc.so.6;?@libc.so.6;compare;abort@libc.so.6",
	 "compare <- libc.so.6+0x40 <- qsort <- sort <- main"},
	{"[truncated];give_up;exit@libc.so.6", "give_up"},
	{"abort@libc.so.6", ""},
};

#define SHOWN (sizeof(shown) / sizeof(shown[0]))

static void add_shown(struct scenario *scenario)
{
	for (uint32_t i = 0; i < SHOWN; i++) {
		uint64_t task = scenario_task(
			scenario, &(struct scenario_task){.pid = 100 + i, .comm = "shown"});

		scenario_exit(scenario, (struct dz_exit){.task = task,
							 .exit_code = 1,
							 .system_call = CALL_EXIT_GROUP,
							 .user_stack = scenario_stack(
								 scenario, shown[i].chain)});
	}
}

static void calls_are_shown_up_to_main_without_what_started_it(void **state)
{
	struct trace *trace = replayed_trace(add_shown);

	(void)state;
	for (uint32_t i = 0; i < SHOWN; i++) {
		struct replayed_exit exit = replayed_exit(trace, 100 + i, false);
		struct culprit culprit = culprit_find(&exit.cause);
		struct call_chain chain;
		struct culprit_calls calls;
		char text[256] = "";
		size_t used = 0;

		call_chain_load(exit.cause.user.file, exit.cause.user.stack, &chain);
		calls = culprit_calls(exit.cause.user.file, &chain, &culprit);
		for (size_t frame = calls.first; frame < calls.end; frame++) {
			char name[CALL_NAME_MAX];

			call_frame_name(exit.file, chain.frames[frame], name);
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
						 frame > calls.first ? " <- " : "", name);
			assert_true(used < sizeof(text));
		}
		assert_string_equal(text, shown[i].calls);
	}
	trace_free(trace);
}

static void for_a_fault_the_innermost_frame_is_the_culprit(void **state)
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
			.task = task, .receiver = task, .signal = 11, .code = 1, .source = 2});
	scenario_exit(scenario,
		      (struct dz_exit){.task = task,
				       .signal = 11,
				       .user_stack = scenario_stack(
					       scenario, "main;measure;puts@/lib/libc.so.6;"
							 "__strlen_evex@/lib/libc.so.6")});
}

static void for_a_fault_in_the_c_library_the_caller_is_found(void **state)
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

static void a_killed_process_has_no_culprit(void **state)
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
		cmocka_unit_test(the_first_frame_outside_the_runtime_is_the_culprit),
		cmocka_unit_test(calls_are_shown_up_to_main_without_what_started_it),
		cmocka_unit_test(for_a_fault_the_innermost_frame_is_the_culprit),
		cmocka_unit_test(for_a_fault_in_the_c_library_the_caller_is_found),
		cmocka_unit_test(a_killed_process_has_no_culprit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
