/* tests/analyze/cause/test_handled_signal.c - ends of processes that handle signals */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "tests/analyze/replayed.h"

#define CALL_NONE       ((uint64_t)-1)
#define CALL_EXIT_GROUP 231
#define CALL_KILL       62
#define CALL_TGKILL     234

#define SOURCE_FAULT    2
#define SOURCE_TIMER    3
#define SOURCE_TERMINAL 4
#define SOURCE_CHILD    9
#define CODE_TKILL      ((uint64_t)-6)
#define CODE_KERNEL     0x80

#define VICTIM  100
#define WORKER  101
#define NO_ROOM 4

/* Who generates a signal. */
enum from {
	FROM_NOBODY, /* there is no signal */
	FROM_BASH,
	FROM_ITSELF,
	FROM_FAULT,
	FROM_TIMER,
	FROM_TERMINAL,
	FROM_CHILD,
	FROM_UNSEEN, /* only its delivery is in the trace, with bash as its sender */
};

/* A signal of the victim, or its end. */
struct happening {
	enum from from;
	uint32_t signal;
	uint32_t tid;      /* of the victim; 0: the first thread */
	uint64_t later_ns; /* than the one before */
	uint64_t value;    /* of a fault */
};

#define HAPPENINGS 4

struct story {
	struct happening handled[HAPPENINGS];
	struct happening fatal; /* FROM_NOBODY: an exit */
	uint64_t exit_code;
	uint64_t exit_later_ns;
	const char *chain; /* at the end, outermost first */
	const char *words;
};

#define MS UINT64_C(1000000)

static const struct story stories[] = {
	/* Raised again by the handler. */
	{.handled = {{.from = FROM_BASH, .signal = SIGTERM}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGTERM},
	 .chain = "main;work;poll@libc.so.6",
	 .words = "SIGTERM sent by bash[7] uid 0 with kill(); its handler re-raised "
		  "it 1.0 ms later"},
	{.handled = {{.from = FROM_BASH, .signal = SIGHUP}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGHUP, .later_ns = 60 * SECOND},
	 .chain = "main;work;finish;raise@libc.so.6",
	 .words = "SIGHUP sent by bash[7] uid 0 with kill(); its handler re-raised "
		  "it 1m 00s later"},
	{.handled = {{.from = FROM_UNSEEN, .signal = SIGINT}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGINT},
	 .words = "SIGINT sent by pid 7 uid 0; its handler re-raised it 1.0 ms "
		  "later"},
	{.handled = {{.from = FROM_TERMINAL, .signal = SIGINT}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGINT},
	 .words = "SIGINT, Ctrl-C at its terminal; its handler re-raised it 1.0 ms "
		  "later"},
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .value = 2}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGSEGV},
	 .chain = "main;crash;__restore_rt@libc.so.6;handler;raise@libc.so.6",
	 .words = "SIGSEGV writing 0x10 in crash of program; its "
		  "handler re-raised it 1.0 ms later"},
	/* The signal was blocked until the handler returned. */
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .value = 1}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGSEGV},
	 .chain = "main;crash",
	 .words = "SIGSEGV reading 0x10 in crash of program; its "
		  "handler re-raised it 1.0 ms later"},
	/* Go's runtime sends it twice, the first time while its own handler is there. */
	{.handled = {{.from = FROM_BASH, .signal = SIGTERM},
		     {.from = FROM_ITSELF, .signal = SIGTERM}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGTERM},
	 .words = "SIGTERM sent by bash[7] uid 0 with kill(); its handler re-raised "
		  "it 3.0 ms later"},
	/* Another fatal signal in a handler. */
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .value = 2}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGABRT},
	 .chain = "main;crash;__restore_rt@libc.so.6;handler;abort@libc.so.6;raise@libc.so.6",
	 .words = "SIGSEGV writing 0x10 in crash of program; then "
		  "in its handler SIGABRT, abort() called by program: handler <- __restore_rt <- "
		  "crash <- "
		  "main"},
	{.handled = {{.from = FROM_BASH, .signal = SIGTERM}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGABRT},
	 .chain = "main;work;__restore_rt@libc.so.6;handler;abort@libc.so.6;raise@libc.so.6",
	 .words = "SIGABRT, abort() called by program: handler <- __restore_rt <- "
		  "work "
		  "<- main, 1.0 ms after it handled SIGTERM from bash[7]"},
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .value = 2 + NO_ROOM}},
	 .fatal = {.from = FROM_FAULT, .signal = SIGSEGV, .later_ns = CODE_KERNEL},
	 .chain = "main;walk;walk",
	 .words = "SIGSEGV, stack overflow in walk of program (2 of the innermost 3 "
		  "calls); the stack had no room for its handler"},
	/* Exits in a handler, with 128 + the signal, and soon after a request to end. */
	{.handled = {{.from = FROM_BASH, .signal = SIGTERM}},
	 .exit_code = 5,
	 .chain = "main;work;__restore_rt@libc.so.6;handler;exit@libc.so.6",
	 .words = "exit code 5, 2.0 ms after it handled SIGTERM from bash[7], exit(5) called by "
		  "program: handler <- __restore_rt <- work <- main"},
	{.handled = {{.from = FROM_BASH, .signal = SIGHUP}},
	 .exit_code = 1,
	 .chain = "main;work;__restore_rt@libc.so.6;handler;_exit@libc.so.6",
	 .words = "exit code 1, 2.0 ms after it handled SIGHUP from bash[7], _exit(1) called by "
		  "program: handler <- __restore_rt <- work <- main"},
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .value = 1}},
	 .exit_code = 139,
	 .chain = "main;crash;__restore_rt@libc.so.6;handler;_exit@libc.so.6",
	 .words = "exit code 139 (128 + SIGSEGV), 2.0 ms after it handled SIGSEGV "
		  "reading 0x10 in crash of program, _exit(139) called by program: handler <- "
		  "__restore_rt <- crash <- main"},
	{.handled = {{.from = FROM_BASH, .signal = SIGHUP}},
	 .exit_code = 129,
	 .words = "exit code 129 (128 + SIGHUP), 2.0 ms after it handled SIGHUP from bash[7]"},
	{.handled = {{.from = FROM_BASH, .signal = SIGUSR1},
		     {.from = FROM_CHILD, .signal = SIGCHLD}},
	 .exit_code = 138,
	 .exit_later_ns = 600 * SECOND,
	 .words = "exit code 138 (128 + SIGUSR1), 10m 00s after it handled SIGUSR1 from bash[7]"},
	{.handled = {{.from = FROM_BASH, .signal = SIGQUIT}},
	 .exit_code = 1,
	 .exit_later_ns = 89 * SECOND,
	 .words = "exit code 1, 1m 29s after it handled SIGQUIT from bash[7]"},
	{.handled = {{.from = FROM_BASH, .signal = SIGTERM}},
	 .words = "clean exit, 2.0 ms after it handled SIGTERM from bash[7]"},
	{.handled = {{.from = FROM_TERMINAL, .signal = SIGINT}},
	 .exit_code = 130,
	 .words = "exit code 130 (128 + SIGINT), 2.0 ms after it handled SIGINT from its terminal"},
	/* No process is blamed. */
	{.handled = {{.from = FROM_BASH, .signal = SIGTERM}},
	 .exit_code = 1,
	 .exit_later_ns = 91 * SECOND,
	 .words = "exit code 1"},
	{.handled = {{.from = FROM_BASH, .signal = SIGTERM}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGTERM, .later_ns = 91 * SECOND},
	 .words = "SIGTERM, raised by itself with tgkill()"},
	{.handled = {{.from = FROM_BASH, .signal = SIGHUP}},
	 .exit_code = 1,
	 .words = "exit code 1"},
	{.handled = {{.from = FROM_BASH, .signal = SIGUSR1}}, .words = "clean exit"},
	{.handled = {{.from = FROM_BASH, .signal = SIGWINCH}},
	 .exit_code = 128 + SIGWINCH,
	 .words = "exit code 156"},
	{.handled = {{.from = FROM_CHILD, .signal = SIGCHLD}},
	 .exit_code = 1,
	 .chain = "main;work;__restore_rt@libc.so.6;handler;_exit@libc.so.6",
	 .words = "exit code 1, _exit(1) called by program: handler <- __restore_rt <- work <- "
		  "main"},
	{.handled = {{.from = FROM_TIMER, .signal = SIGALRM}},
	 .exit_code = 142,
	 .words = "exit code 142"},
	{.handled = {{.from = FROM_TIMER, .signal = SIGPROF},
		     {.from = FROM_ITSELF, .signal = SIGURG}},
	 .exit_code = 1,
	 .words = "exit code 1"},
	{.handled = {{.from = FROM_ITSELF, .signal = SIGTERM}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGTERM},
	 .words = "SIGTERM, raised by itself with tgkill()"},
	{.handled = {{.from = FROM_ITSELF, .signal = SIGTERM}},
	 .exit_code = 143,
	 .words = "exit code 143"},
	{.handled = {{.from = FROM_BASH, .signal = SIGTERM},
		     {.from = FROM_ITSELF, .signal = SIGTERM, .later_ns = 91 * SECOND}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGTERM},
	 .words = "SIGTERM, raised by itself with tgkill()"},
	/* The handler of the alarm ends the process, not the request that it survived. */
	{.handled = {{.from = FROM_BASH, .signal = SIGUSR1},
		     {.from = FROM_TIMER, .signal = SIGALRM}},
	 .exit_code = 1,
	 .chain = "main;work;__restore_rt@libc.so.6;handler;_exit@libc.so.6",
	 .words = "exit code 1, _exit(1) called by program: handler <- __restore_rt <- work <- "
		  "main"},
	/* A fault that was survived. */
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .value = 1}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGSEGV},
	 .chain = "main;finish;raise@libc.so.6",
	 .words = "SIGSEGV, raised by itself, raise() called by program: finish <- "
		  "main"},
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .tid = WORKER, .value = 1}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGSEGV},
	 .chain = "main;work",
	 .words = "SIGSEGV, raised by itself with tgkill()"},
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .value = 1}},
	 .fatal = {.from = FROM_ITSELF, .signal = SIGABRT},
	 .chain = "main;check;abort@libc.so.6;raise@libc.so.6",
	 .words = "SIGABRT, abort() called by program: check <- main"},
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .value = 1}},
	 .exit_code = 139,
	 .words = "exit code 139"},
	/* A request that another signal from elsewhere follows. */
	{.handled = {{.from = FROM_BASH, .signal = SIGTERM}},
	 .fatal = {.from = FROM_BASH, .signal = SIGKILL},
	 .words = "SIGKILL sent by bash[7] uid 0 with kill()"},
	{.handled = {{.from = FROM_BASH, .signal = SIGTERM}},
	 .fatal = {.from = FROM_FAULT, .signal = SIGSEGV, .value = 1},
	 .chain = "main;crash",
	 .words = "SIGSEGV reading 0x10 in crash of program"},
	/* Faults in the handler of a fault. */
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .value = 2}},
	 .fatal = {.from = FROM_FAULT, .signal = SIGSEGV, .value = 1},
	 .chain = "main;crash;__restore_rt@libc.so.6;handler;report",
	 .words = "SIGSEGV writing 0x10 in crash of program; "
		  "then "
		  "in its handler SIGSEGV reading 0x10 in report of program"},
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .value = 2},
		     {.from = FROM_ITSELF, .signal = SIGABRT}},
	 .fatal = {.from = FROM_FAULT, .signal = SIGSEGV, .value = 1 + NO_ROOM},
	 .chain = "[truncated];__restore_rt@libc.so.6;handler;abort@libc.so.6;"
		  "__restore_rt@libc.so.6;handler",
	 .words = "SIGSEGV writing 0x10; then in its handler "
		  "SIGSEGV, stack overflow in handler of program (2 of the innermost 5 calls)"},
	{.handled = {{.from = FROM_FAULT, .signal = SIGSEGV, .value = 2},
		     {.from = FROM_ITSELF, .signal = SIGUSR1}},
	 .fatal = {.from = FROM_FAULT, .signal = SIGSEGV, .value = 1},
	 .chain = "main;work;__restore_rt@libc.so.6;handler",
	 .words = "SIGSEGV reading 0x10 in handler of program"},
};

#define STORIES (sizeof(stories) / sizeof(stories[0]))

static const struct {
	uint64_t source;
	uint64_t code;
	uint64_t system_call;
} origins[] = {
	[FROM_BASH] = {0, 0, CALL_KILL},
	[FROM_ITSELF] = {0, CODE_TKILL, CALL_TGKILL},
	[FROM_FAULT] = {SOURCE_FAULT, 1, CALL_NONE},
	[FROM_TIMER] = {SOURCE_TIMER, CODE_KERNEL, CALL_NONE},
	[FROM_TERMINAL] = {SOURCE_TERMINAL, CODE_KERNEL, CALL_NONE},
	[FROM_CHILD] = {SOURCE_CHILD, 1, CALL_NONE},
	[FROM_UNSEEN] = {0, 0, CALL_KILL},
};

static const struct story *told;

static uint64_t add_task(struct scenario *scenario, uint32_t pid, uint32_t tid, const char *comm)
{
	return scenario_task(scenario,
			     &(struct scenario_task){
				     .pid = pid,
				     .tid = tid,
				     .comm = comm,
				     .age_ns = scenario->now_ns - SCENARIO_START_NS + SECOND,
			     });
}

static uint64_t add_happening(struct scenario *scenario, const struct happening *happening)
{
	uint64_t victim = add_task(scenario, VICTIM, happening->tid, "victim");
	uint64_t code = origins[happening->from].code;

	/* A fault without details. */
	if (happening->later_ns == CODE_KERNEL)
		code = CODE_KERNEL;
	else
		scenario->now_ns += happening->later_ns;
	if (happening->from != FROM_UNSEEN)
		scenario_signal(scenario,
				(struct dz_signal){
					.task = happening->from == FROM_BASH
							? add_task(scenario, 7, 7, "bash")
							: victim,
					.receiver = victim,
					.signal = happening->signal,
					.code = code,
					.source = origins[happening->from].source,
					.system_call = origins[happening->from].system_call,
					.address = happening->from == FROM_FAULT ? 0x10 : 0,
					.value = happening->value,
				});
	return victim;
}

static void add_story(struct scenario *scenario)
{
	uint64_t stack = told->chain ? scenario_stack(scenario, told->chain) : 0;

	for (size_t i = 0; i < HAPPENINGS && told->handled[i].from != FROM_NOBODY; i++) {
		uint64_t victim = add_happening(scenario, &told->handled[i]);

		scenario_delivery(
			scenario,
			(struct dz_delivery){
				.task = victim,
				.signal = told->handled[i].signal,
				.handled = 1,
				.sender_pid = told->handled[i].from == FROM_UNSEEN ? 7 : 0,
			});
	}
	scenario->now_ns += told->exit_later_ns;
	if (told->fatal.from != FROM_NOBODY)
		(void)add_happening(scenario, &told->fatal);
	else
		scenario->now_ns += MS;
	scenario_exit(scenario, (struct dz_exit){.task = add_task(scenario, VICTIM, 0, "victim"),
						 .signal = told->fatal.signal,
						 .exit_code = told->exit_code,
						 .system_call = CALL_EXIT_GROUP,
						 .user_stack = stack});
}

static void the_words_follow_from_what_was_handled(void **state)
{
	(void)state;
	for (size_t i = 0; i < STORIES; i++) {
		struct trace *trace;
		struct replayed_exit exit;
		char *text;

		told = &stories[i];
		trace = replayed_trace(add_story);
		exit = replayed_exit(trace, VICTIM, false);
		text = cause_text_string(&exit.cause);
		if (strcmp(text, stories[i].words) != 0)
			print_message("story %zu\n", i);
		assert_string_equal(text, stories[i].words);
		free(text);
		trace_free(trace);
	}
}

static const char *class_of(const struct story *story, enum cause_handling *ret_handling)
{
	struct trace *trace;
	struct replayed_exit exit;

	told = story;
	trace = replayed_trace(add_story);
	exit = replayed_exit(trace, VICTIM, false);
	trace_free(trace);
	*ret_handling = exit.cause.handling;
	return cause_class_word(cause_class(&exit.cause));
}

static void the_class_is_that_of_the_first_signal(void **state)
{
	enum cause_handling handling;

	(void)state;
	assert_string_equal(class_of(&stories[0], &handling), "KILLED");
	assert_int_equal(handling, CAUSE_RERAISED);
	assert_string_equal(class_of(&stories[4], &handling), "CRASHED");
	assert_int_equal(handling, CAUSE_RERAISED);
	assert_string_equal(class_of(&stories[7], &handling), "CRASHED");
	assert_int_equal(handling, CAUSE_FAULT_FIRST);
	assert_string_equal(class_of(&stories[10], &handling), "FAILED");
	assert_int_equal(handling, CAUSE_AFTER);
	assert_string_equal(class_of(&stories[16], &handling), "CLEAN");
	assert_int_equal(handling, CAUSE_AFTER);
}

/* Threads that are interrupted all the time do not displace the request to end. */
static void add_interrupted_threads(struct scenario *scenario)
{
	static const struct happening term = {.from = FROM_BASH, .signal = SIGTERM};
	static const struct happening own = {.from = FROM_ITSELF, .signal = SIGTERM};
	uint64_t victim = add_happening(scenario, &term);

	scenario_delivery(scenario,
			  (struct dz_delivery){.task = victim, .signal = SIGTERM, .handled = 1});
	for (uint32_t i = 0; i < 100; i++) {
		const struct happening urgent = {
			.from = FROM_ITSELF, .signal = SIGURG, .tid = WORKER + i};

		victim = add_happening(scenario, &urgent);
		scenario_delivery(
			scenario,
			(struct dz_delivery){.task = victim, .signal = SIGURG, .handled = 1});
	}
	victim = add_happening(scenario, &own);
	scenario_exit(
		scenario,
		(struct dz_exit){.task = victim, .signal = SIGTERM, .system_call = CALL_TGKILL});
}

static void routine_signals_do_not_displace_others(void **state)
{
	struct trace *trace = replayed_trace(add_interrupted_threads);
	struct replayed_exit exit = replayed_exit(trace, VICTIM, false);

	(void)state;
	assert_int_equal(exit.cause.handling, CAUSE_RERAISED);
	assert_int_equal(cause_sender(&exit.cause)->pid, 7);
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_follow_from_what_was_handled),
		cmocka_unit_test(the_class_is_that_of_the_first_signal),
		cmocka_unit_test(routine_signals_do_not_displace_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
