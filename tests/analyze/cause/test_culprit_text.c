/* tests/analyze/cause/test_culprit_text.c - culprits and faults as text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "analyze/cause/task_text.h"
#include "tests/analyze/replayed.h"

#define CALL_EXIT_GROUP 231
#define CALL_TGKILL     234

#define SOURCE_FAULT 2
#define CODE_TKILL   ((uint64_t)-6)
#define CODE_KERNEL  0x80

/* Ends, with the chain outermost first, and the words about them. */
static const struct {
	uint64_t signal; /* 0: exit(42) */
	uint64_t code;
	uint64_t address;
	uint64_t value;
	const char *chain;
	const char *words;
} ends[] = {
	{0, 0, 0, 0,
	 "_start;main;first;second;third_init@/opt/libthird.so;give_up@/opt/libthird.so;"
	 "exit@libc.so.6;_exit@libc.so.6",
	 "exit code 42, exit(42) called by libthird.so: give_up <- third_init <- second <- first "
	 "<- "
	 "..."},
	{0, 0, 0, 0, "main;?@/opt/libthird.so;_exit@libc.so.6",
	 "exit code 42, _exit(42) called by libthird.so: libthird.so+0x20 <- main"},
	{0, 0, 0, 0, "exit@libc.so.6", "exit code 42, exit(42)"},
	{0, 0, 0, 0, "main;pause@libc.so.6", "exit code 42"},
	{6, CODE_TKILL, 0, 0,
	 "_start;main;third_init@/opt/libthird.so;third_check_failed@/opt/"
	 "libthird.so;abort@libc.so."
	 "6;raise@libc.so.6",
	 "SIGABRT, abort() called by libthird.so: third_check_failed <- third_init "
	 "<- "
	 "main"},
	{6, CODE_TKILL, 0, 0, "main;check;__assert_fail@libc.so.6;abort@libc.so.6",
	 "SIGABRT, failed assertion in check of program"},
	{6, CODE_TKILL, 0, 0,
	 "main;_ZN6Parser4readEv;__cxa_throw@libstdc++.so.6;_ZSt9terminatev@libstdc++.so.6;abort@"
	 "libc.so.6",
	 "SIGABRT, uncaught C++ exception, thrown in Parser::read() of program"},
	{6, CODE_TKILL, 0, 0, "[mappings unknown]",
	 "SIGABRT, raised by itself: abort() or a failed check"},
	{11, 1, 0, 1, "main;parse_line", "SIGSEGV reading 0x0 in parse_line of program"},
	{11, 1, 0, 3, "main;call;[unmapped]", "SIGSEGV executing 0x0 called by call of program"},
	{11, 2, 0x1234, 2, "main;fill;memset@libc.so.6",
	 "SIGSEGV writing 0x1234 (access not permitted) in "
	 "memset "
	 "of libc.so.6 called by fill of program"},
	{11, 1, 0x1234, 0, "main;?", "SIGSEGV at 0x1234 in program+0x20"},
	{11, 1, 0x7ffc00000ff8, 6, "[truncated];walk;walk;walk",
	 "SIGSEGV, stack overflow in walk of program (3 of the innermost 3 calls)"},
	{11, 1, 0x7ffc00000ff8, 6, "main;walk;print;printf@libc.so.6",
	 "SIGSEGV, stack overflow in print of program"},
	{11, CODE_KERNEL, 0, 0, "main;follow",
	 "SIGSEGV at an address that the kernel does not "
	 "provide "
	 "in "
	 "follow of program"},
	/* There was no room for the frame of its handler. */
	{11, CODE_KERNEL, 0x7ffc00000ff8, 6, "[truncated];walk;walk",
	 "SIGSEGV, stack overflow in walk of program (2 of the innermost 2 calls)"},
	{11, 1, 0xff8, 10, "[damaged stack];pivot",
	 "SIGSEGV writing 0xff8 with a stack pointer that "
	 "points "
	 "nowhere in pivot of program"},
	{5, CODE_KERNEL, 0, 0, "main;check;g_log@libglib-2.0.so.0;g_logv@libglib-2.0.so.0",
	 "SIGTRAP, fatal error logged by check of program"},
	{6, CODE_TKILL, 0, 0,
	 "main;_Z5throwv;__cxa_throw@libstdc++.so.6;_ZSt9terminatev@libstdc++.so.6;_Z3endv;abort@"
	 "libc.so.6",
	 "SIGABRT, uncaught C++ exception, thrown in throw() of program"},
	{7, 2, 0x2000, 1, "main;map",
	 "SIGBUS reading 0x2000 (no such physical address) in map of "
	 "program"},
	{8, 1, 0x2000, 0, "main;divide", "SIGFPE, integer division by zero in divide of program"},
	{5, CODE_KERNEL, 0, 0, "main;trap", "SIGTRAP, breakpoint in trap of program"},
};

#define ENDS (sizeof(ends) / sizeof(ends[0]))

static void add_end(struct scenario *scenario, uint32_t pid, size_t i)
{
	uint64_t task =
		scenario_task(scenario, &(struct scenario_task){.pid = pid, .comm = "ends"});
	bool own = ends[i].code == CODE_TKILL;

	if (ends[i].signal != 0)
		scenario_signal(scenario,
				(struct dz_signal){.task = task,
						   .receiver = task,
						   .signal = ends[i].signal,
						   .code = ends[i].code,
						   .source = own ? 0 : SOURCE_FAULT,
						   .system_call = own ? CALL_TGKILL : (uint64_t)-1,
						   .address = ends[i].address,
						   .value = ends[i].value});
	scenario_exit(scenario,
		      (struct dz_exit){.task = task,
				       .signal = ends[i].signal,
				       .exit_code = ends[i].signal != 0 ? 0 : 42,
				       .system_call = CALL_EXIT_GROUP,
				       .user_stack = scenario_stack(scenario, ends[i].chain)});
}

static void add_ends(struct scenario *scenario)
{
	for (uint32_t i = 0; i < ENDS; i++)
		add_end(scenario, 100 + i, i);
}

static void the_text_has_mechanism_culprit_and_place(void **state)
{
	struct trace *trace = replayed_trace(add_ends);

	(void)state;
	for (uint32_t i = 0; i < ENDS; i++) {
		struct replayed_exit exit = replayed_exit(trace, 100 + i, false);
		char *text = cause_text_string(&exit.cause);

		assert_string_equal(text, ends[i].words);
		free(text);
	}
	trace_free(trace);
}

/* The signals were not recorded, but SIGABRT comes from abort(). */
static void add_exit_alone(struct scenario *scenario)
{
	uint64_t task =
		scenario_task(scenario, &(struct scenario_task){.pid = 100, .comm = "alone"});

	scenario_exit(scenario, (struct dz_exit){.task = task,
						 .signal = 6,
						 .user_stack = scenario_stack(
							 scenario, "main;check;abort@libc.so.6")});
}

static void an_abort_is_recognized_without_its_signal(void **state)
{
	struct trace *trace = replayed_trace(add_exit_alone);
	struct replayed_exit exit = replayed_exit(trace, 100, false);
	char *text = cause_text_string(&exit.cause);

	(void)state;
	assert_string_equal(text, "SIGABRT, abort() called by program: check <- main");
	free(text);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_has_mechanism_culprit_and_place),
		cmocka_unit_test(an_abort_is_recognized_without_its_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
