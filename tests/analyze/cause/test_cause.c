/* tests/analyze/cause/test_cause.c - causes of exits */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "tests/analyze/replayed.h"

#define CALL_KILL       62
#define CALL_NONE       ((uint64_t)-1)
#define CALL_POLL       7
#define CALL_EXECVE     59
#define CALL_PTRACE     101
#define CALL_GETPPID    110
#define CALL_EXIT_GROUP 231

#define NO_SIGNAL 99

static void every_death_has_its_cause(void **state)
{
	static const struct {
		uint32_t pid;
		enum cause_kind kind;
	} deaths[] = {
		{20305, CAUSE_SIGNAL},
		{20306, CAUSE_SIGNAL},
		{20307, CAUSE_SIGNAL},
		{30001, CAUSE_FAULT},
		{30002, CAUSE_ABORT},
		{30003, CAUSE_FAULT},
		{31000, CAUSE_TIMER},
		{31001, CAUSE_TERMINAL},
		{31002, CAUSE_TERMINAL},
		{31003, CAUSE_SECCOMP},
		{31004, CAUSE_PARENT_DEATH},
		{31005, CAUSE_PIPE},
		{31006, CAUSE_RESOURCE_LIMIT},
		{31007, CAUSE_RESOURCE_LIMIT},
		{31008, CAUSE_PID_NAMESPACE},
		{31009, CAUSE_CGROUP_KILL},
		{31010, CAUSE_KERNEL},
		{31011, CAUSE_IO},
		{32000, CAUSE_OOM},
		{33000, CAUSE_SIGNAL},
		{34000, CAUSE_EXIT_CODE},
		{35000, CAUSE_EXIT_CODE},
		{36000, CAUSE_EXIT},
	};
	struct trace *trace = replayed_trace(scenario_deaths);

	(void)state;
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++)
		assert_int_equal(replayed_exit(trace, deaths[i].pid, false).cause.kind,
				 deaths[i].kind);
	trace_free(trace);
}

static void the_sender_is_known_where_there_is_one(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit killed = replayed_exit(trace, 20305, false);
	struct replayed_exit crashed = replayed_exit(trace, 30001, false);

	(void)state;
	assert_int_equal(cause_sender(&killed.cause)->pid, 22222);
	assert_null(cause_sender(&crashed.cause));
	trace_free(trace);
}

static void a_pending_signal_has_its_time(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit slow = replayed_exit(trace, 33000, false);

	(void)state;
	assert_int_equal(slow.cause.pending_ns, 600 * SECOND + 7000000);
	assert_int_equal(cause_sender(&slow.cause)->pid, 22222);
	trace_free(trace);
}

static void the_thread_that_called_exit_is_named(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);
	struct replayed_exit leader = replayed_exit(trace, 34000, false);
	struct replayed_exit worker = replayed_exit(trace, 34000, true);
	struct cause_stack stack = leader.cause.user;

	(void)state;
	assert_int_equal(worker.cause.kind, CAUSE_EXIT_CODE);
	assert_null(worker.cause.culprit.file);
	assert_int_equal(leader.cause.culprit.task, worker.row.task);
	assert_int_equal(stack.stack, worker.row.user_stack);
	trace_free(trace);
}

static void an_exec_by_another_thread_is_no_death(void **state)
{
	struct trace *trace = replayed_trace(scenario_deaths);

	(void)state;
	assert_int_equal(replayed_exit(trace, 34500, true).cause.kind, CAUSE_EXEC);
	trace_free(trace);
}

static uint64_t add_process(struct scenario *scenario, uint32_t pid, const char *comm)
{
	return scenario_task(scenario,
			     &(struct scenario_task){.pid = pid, .comm = comm, .age_ns = SECOND});
}

/* One pid, twice: the signal was for the first of them. */
static void add_reused_pid(struct scenario *scenario)
{
	uint64_t sender = add_process(scenario, 7, "sender");
	uint64_t first = add_process(scenario, 100, "first");
	uint64_t second;

	scenario_signal(scenario, (struct dz_signal){.task = sender,
						     .receiver = first,
						     .signal = 15,
						     .group = 1,
						     .system_call = CALL_KILL});
	scenario->now_ns += 10 * SECOND;
	second = add_process(scenario, 100, "second");
	scenario_exit(scenario, (struct dz_exit){.task = second, .signal = 15});
}

static void a_signal_for_an_earlier_process_of_the_same_pid_is_not_the_cause(void **state)
{
	struct trace *trace = replayed_trace(add_reused_pid);

	(void)state;
	assert_int_equal(replayed_exit(trace, 100, false).cause.kind, CAUSE_UNKNOWN);
	trace_free(trace);
}

/* Handled ones come first from another sender. */
static void add_handled(struct scenario *scenario)
{
	uint64_t harmless = add_process(scenario, 7, "harmless");
	uint64_t killer = add_process(scenario, 8, "killer");
	uint64_t victim = add_process(scenario, 100, "victim");
	struct dz_signal signal = {.task = harmless, .receiver = victim, .signal = 40, .group = 1};

	scenario_signal(scenario, signal);
	scenario_delivery(scenario,
			  (struct dz_delivery){.task = victim, .signal = 40, .handled = 1});
	signal.task = killer;
	scenario_signal(scenario, signal);
	signal.task = harmless;
	signal.result = 1;
	scenario_signal(scenario, signal);
	scenario_exit(scenario, (struct dz_exit){.task = victim, .signal = 40});
}

static void signals_that_were_handled_or_ignored_are_not_the_cause(void **state)
{
	struct trace *trace = replayed_trace(add_handled);
	struct replayed_exit victim = replayed_exit(trace, 100, false);

	(void)state;
	assert_int_equal(victim.cause.kind, CAUSE_SIGNAL);
	assert_int_equal(cause_sender(&victim.cause)->pid, 8);
	trace_free(trace);
}

/* Only the delivery was recorded. */
static void add_deliveries(struct scenario *scenario)
{
	static const struct {
		uint32_t signal;
		int32_t code;
		uint32_t sender;
	} cases[] = {{15, 0, 22}, {6, -6, 101}, {11, 1, 0}, {14, -2, 0}, {13, 0x80, 0}, {31, 1, 0}};

	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t victim = add_process(scenario, 100 + i, "victim");

		scenario_delivery(scenario,
				  (struct dz_delivery){.task = victim,
						       .signal = cases[i].signal,
						       .code = (uint64_t)(int64_t)cases[i].code,
						       .sender_pid = cases[i].sender});
		scenario_exit(scenario,
			      (struct dz_exit){.task = victim, .signal = cases[i].signal});
	}
}

static void a_delivery_alone_gives_most_of_the_cause(void **state)
{
	static const enum cause_kind kinds[] = {CAUSE_SIGNAL, CAUSE_ABORT, CAUSE_FAULT,
						CAUSE_TIMER,  CAUSE_PIPE,  CAUSE_SECCOMP};
	struct trace *trace = replayed_trace(add_deliveries);

	(void)state;
	for (uint32_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_int_equal(replayed_exit(trace, 100 + i, false).cause.kind, kinds[i]);
	trace_free(trace);
}

/* The kernel wakes the threads of a dying group with SIGKILL. */
static void add_kernel_kill(struct scenario *scenario)
{
	uint64_t victim = add_process(scenario, 100, "victim");

	scenario_delivery(
		scenario,
		(struct dz_delivery){.task = victim, .signal = 9, .code = 0x80, .group_code = 13});
	scenario_exit(scenario, (struct dz_exit){.task = victim, .signal = 13});
}

static void a_delivered_sigkill_alone_does_not_mean_that_it_was_sent(void **state)
{
	struct trace *trace = replayed_trace(add_kernel_kill);
	struct replayed_exit victim = replayed_exit(trace, 100, false);

	(void)state;
	assert_int_equal(victim.cause.signal, 13);
	assert_int_equal(victim.cause.kind, CAUSE_UNKNOWN);
	trace_free(trace);
}

/* The last thread that exits is mostly not the one that called exit(). */
static const struct {
	uint32_t last_tid;
	uint64_t end_tid; /* 0: not recorded */
	uint64_t system_call;
	const char *words;
} last_threads[] = {
	{100, 100, CALL_EXIT_GROUP, "exit code 5"},
	{100, 0, CALL_EXIT_GROUP, "exit code 5"},
	{102, 100, CALL_POLL, "exit code 5"},
	{100, 101, CALL_POLL, "exit code 5, exit() by thread quitter[101]"},
	{102, 101, CALL_POLL, "exit code 5, exit() by thread quitter[101]"},
	{101, 101, CALL_EXIT_GROUP, "exit code 5, exit() by thread victim[101]"},
	{101, 0, CALL_EXIT_GROUP, "exit code 5, exit() by thread victim[101]"},
	{100, 0, CALL_POLL, "exit code 5, exit() by another thread"},
	{102, 0, CALL_POLL, "exit code 5"},
};

#define LAST_THREADS (sizeof(last_threads) / sizeof(last_threads[0]))

static size_t last_thread;

static void add_last_thread(struct scenario *scenario)
{
	const uint64_t task = scenario_task(
		scenario, &(struct scenario_task){.pid = 100,
						  .tid = last_threads[last_thread].last_tid,
						  .comm = "victim",
						  .age_ns = SECOND});

	scenario_exit(scenario,
		      (struct dz_exit){.task = task,
				       .exit_code = 5,
				       .system_call = last_threads[last_thread].system_call,
				       .end_tid = last_threads[last_thread].end_tid,
				       .end_comm = scenario_text(scenario, "quitter")});
}

static void a_thread_is_named_unless_it_is_the_first(void **state)
{
	(void)state;
	for (last_thread = 0; last_thread < LAST_THREADS; last_thread++) {
		struct trace *trace = replayed_trace(add_last_thread);
		struct replayed_exit exit = replayed_exit(trace, 100, false);
		char *text = cause_text_string(&exit.cause);

		assert_string_equal(text, last_threads[last_thread].words);
		free(text);
		trace_free(trace);
	}
}

/* Ends that the kernel decided. */
static const struct {
	uint64_t signal;
	uint64_t source; /* NO_SIGNAL: only the exit is in the trace */
	uint64_t system_call;
	const char *kernel_stack; /* of the signal, or of the exit without one */
	const char *words;
	bool by_other;
} kernel_ends[] = {
	{9, 5, CALL_NONE, "irqentry_exit@[kernel];check_process_timers@[kernel]",
	 "SIGKILL, beyond its limit of CPU time", false},
	{9, 5, CALL_NONE, "irqentry_exit@[kernel];other@[kernel]",
	 "SIGKILL sent by the kernel; the trace has no choice of the out-of-memory "
	 "killer",
	 false},
	{9, 5, CALL_NONE, NULL,
	 "SIGKILL sent by the kernel; the trace has no choice of the out-of-memory "
	 "killer",
	 false},
	{11, 2, CALL_EXECVE, NULL,
	 "SIGSEGV sent by the kernel in execve(): the program could not be loaded", false},
	{9, 1, CALL_EXECVE, NULL,
	 "SIGKILL sent by the kernel in execve(): the program could not be loaded", false},
	{11, 2, CALL_POLL, NULL,
	 "SIGSEGV at an address that the kernel does not "
	 "provide",
	 false},
	{9, 14, CALL_PTRACE, NULL, "SIGKILL by its tracer gdb[7] uid 0 with ptrace()", true},
	{9, 15, CALL_EXIT_GROUP, NULL, "SIGKILL, since its tracer ended: gdb[7] uid 0", true},
	{9, NO_SIGNAL, CALL_GETPPID, "do_exit@[kernel];__secure_computing@[kernel]",
	 "SIGKILL, seccomp strict mode forbids getppid()", false},
	{31, NO_SIGNAL, CALL_GETPPID, "__seccomp_filter.isra.0@[kernel]",
	 "SIGSYS, its seccomp filter forbids getppid()", false},
	{9, NO_SIGNAL, CALL_GETPPID, "do_exit@[kernel];get_signal@[kernel]",
	 "SIGKILL, the trace does not hold who sent it: no signal was recorded "
	 "before "
	 "(-e signal)",
	 false},
};

#define KERNEL_ENDS (sizeof(kernel_ends) / sizeof(kernel_ends[0]))

static size_t kernel_end;

static void add_kernel_end(struct scenario *scenario)
{
	uint64_t tracer = add_process(scenario, 7, "gdb");
	uint64_t victim = add_process(scenario, 100, "victim");
	uint64_t stack = kernel_ends[kernel_end].kernel_stack
				 ? scenario_stack(scenario, kernel_ends[kernel_end].kernel_stack)
				 : 0;
	bool generated = kernel_ends[kernel_end].source != NO_SIGNAL;

	if (generated)
		scenario_signal(scenario,
				(struct dz_signal){
					.task = kernel_ends[kernel_end].by_other ? tracer : victim,
					.receiver = victim,
					.signal = kernel_ends[kernel_end].signal,
					.code = 0x80,
					.group = 1,
					.source = kernel_ends[kernel_end].source,
					.system_call = kernel_ends[kernel_end].system_call,
					.kernel_stack = stack,
				});
	scenario_exit(scenario, (struct dz_exit){.task = victim,
						 .signal = kernel_ends[kernel_end].signal,
						 .system_call = kernel_ends[kernel_end].system_call,
						 .kernel_stack = generated ? 0 : stack});
}

static void what_the_kernel_decided_is_told_from_what_was_recorded(void **state)
{
	(void)state;
	for (kernel_end = 0; kernel_end < KERNEL_ENDS; kernel_end++) {
		struct trace *trace = replayed_trace(add_kernel_end);
		struct replayed_exit exit = replayed_exit(trace, 100, false);
		char *text = cause_text_string(&exit.cause);

		assert_string_equal(text, kernel_ends[kernel_end].words);
		free(text);
		trace_free(trace);
	}
}

static void every_kind_has_a_different_name(void **state)
{
	(void)state;
	for (int a = 0; a < CAUSE_KINDS; a++)
		for (int b = 0; b < a; b++)
			assert_string_not_equal(cause_kind_name((enum cause_kind)a),
						cause_kind_name((enum cause_kind)b));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_death_has_its_cause),
		cmocka_unit_test(the_sender_is_known_where_there_is_one),
		cmocka_unit_test(a_pending_signal_has_its_time),
		cmocka_unit_test(the_thread_that_called_exit_is_named),
		cmocka_unit_test(an_exec_by_another_thread_is_no_death),
		cmocka_unit_test(a_signal_for_an_earlier_process_of_the_same_pid_is_not_the_cause),
		cmocka_unit_test(signals_that_were_handled_or_ignored_are_not_the_cause),
		cmocka_unit_test(a_delivery_alone_gives_most_of_the_cause),
		cmocka_unit_test(a_delivered_sigkill_alone_does_not_mean_that_it_was_sent),
		cmocka_unit_test(a_thread_is_named_unless_it_is_the_first),
		cmocka_unit_test(what_the_kernel_decided_is_told_from_what_was_recorded),
		cmocka_unit_test(every_kind_has_a_different_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
