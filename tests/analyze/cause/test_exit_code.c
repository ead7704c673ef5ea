/* tests/analyze/cause/test_exit_code.c - exit codes that are more than a number, and their text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>

#include "analyze/cause/task_text.h"
#include "tests/analyze/replayed.h"

#define CALL_EXIT_GROUP 231
#define CALL_KILL       62

#define PARENT 50
#define SHELL  100
#define CHILD  101

#define SOURCE_OUT_OF_MEMORY 5

/* How a process ends, whose child a signal ended before. */
struct end {
	const char *comm;
	uint64_t code;
	bool never_executed;
	uint64_t child_signal; /* 0: no child */
	uint32_t sender;       /* 0: the out-of-memory killer */
	const char *words;
};

static const struct end ends[] = {
	{"bash", 127, false, 0, 0, "exit code 127 (shells: command not found)"},
	{"dash", 126, false, 0, 0, "exit code 126 (shells: command cannot be executed)"},
	{"run.sh", 127, true, 0, 0,
	 "exit code 127 (shells: command not found); never executed a program of its own"},
	{"env", 127, false, 0, 0, "exit code 127 (env: command not found)"},
	{"timeout", 126, true, 0, 0,
	 "exit code 126 (timeout: command cannot be executed); never executed a program of its "
	 "own"},
	{"run.sh", 127, false, 0, 0, "exit code 127"},
	{"curl", 127, false, 0, 0, "exit code 127"},
	{"basher", 126, false, 0, 0, "exit code 126"},
	{"run.sh", 3, true, 0, 0, "exit code 3"},
	{"timeout", 124, false, 0, 0, "exit code 124 (timeout: the time was up)"},
	{"bash", 124, false, 0, 0, "exit code 124"},
	{"bash", 137, false, SIGKILL, SHELL,
	 "exit code 137 (128 + SIGKILL): its child java[101] was killed by SIGKILL from bash[100] "
	 "itself"},
	{"run.sh", 143, false, SIGTERM, 7,
	 "exit code 143 (128 + SIGTERM): its child java[101] was killed by SIGTERM from killer[7]"},
	{"bash", 137, false, SIGKILL, 0,
	 "exit code 137 (128 + SIGKILL): its child java[101] was killed by SIGKILL of the "
	 "out-of-memory killer"},
	{"bash", 137, false, SIGTERM, 7,
	 "exit code 137; no child of it in the trace was killed by SIGKILL"},
	{"bash", 139, false, 0, 0,
	 "exit code 139; no child of it in the trace was killed by SIGSEGV"},
	{"server", 139, false, 0, 0, "exit code 139"},
	{"bash", 128, false, 0, 0, "exit code 128"},
	{"bash", 193, false, 0, 0, "exit code 193"},
	{"bash", 255, false, 0, 0, "exit code 255"},
};

#define ENDS (sizeof(ends) / sizeof(ends[0]))

static const struct end *ended;

static uint64_t add_task(struct scenario *scenario, uint32_t pid, const char *comm, uint64_t parent)
{
	return scenario_task(scenario,
			     &(struct scenario_task){
				     .parent = parent,
				     .pid = pid,
				     .comm = comm,
				     .age_ns = scenario->now_ns - SCENARIO_START_NS + SECOND,
			     });
}

static void add_child(struct scenario *scenario, uint64_t shell)
{
	uint64_t child = add_task(scenario, CHILD, "java", shell);
	uint64_t sender = ended->sender == SHELL ? shell : add_task(scenario, 7, "killer", 0);

	if (ended->sender == 0)
		scenario_oom(scenario, (struct dz_oom){.task = sender, .victim = child});
	scenario_signal(scenario, (struct dz_signal){
					  .task = sender,
					  .receiver = child,
					  .signal = ended->child_signal,
					  .group = 1,
					  .source = ended->sender == 0 ? SOURCE_OUT_OF_MEMORY : 0,
					  .system_call = CALL_KILL,
				  });
	scenario_exit(scenario, (struct dz_exit){.task = child, .signal = ended->child_signal});
}

static uint64_t add_shell(struct scenario *scenario)
{
	return add_task(scenario, SHELL, ended->comm, add_task(scenario, PARENT, "systemd", 0));
}

static void add_end(struct scenario *scenario)
{
	uint64_t shell = add_shell(scenario);

	if (ended->child_signal != 0)
		add_child(scenario, shell);
	scenario_exit(scenario, (struct dz_exit){.task = add_shell(scenario),
						 .exit_code = ended->code,
						 .never_executed = ended->never_executed,
						 .system_call = CALL_EXIT_GROUP});
}

static void codes_of_shells_are_explained(void **state)
{
	(void)state;
	for (size_t i = 0; i < ENDS; i++) {
		struct trace *trace;
		struct replayed_exit exit;
		char *text;

		ended = &ends[i];
		trace = replayed_trace(add_end);
		exit = replayed_exit(trace, SHELL, false);
		text = cause_text_string(&exit.cause);
		assert_string_equal(text, ends[i].words);
		assert_string_equal(cause_class_word(cause_class(&exit.cause)), "FAILED");
		free(text);
		trace_free(trace);
	}
}

/* How a process ends whose stack is known. */
struct stack_end {
	uint64_t code;
	bool never_executed;
	const char *chain; /* outermost first */
	const char *words;
	const char *runtime;
};

#define LINKER "@ld-linux-x86-64.so.2"
#define START  "_start;__libc_start_main@libc.so.6;__libc_start_call_main@libc.so.6;"
#define EXIT   "exit@libc.so.6;_exit@libc.so.6"

static const struct stack_end stack_ends[] = {
	{127, false,
	 "_start" LINKER ";dl_main" LINKER ";_dl_map_object_deps" LINKER ";fatal_error" LINKER
	 ";_exit" LINKER,
	 "exit code 127: the dynamic linker could not load a library; its message on standard "
	 "error names it",
	 NULL},
	{127, false, "dl_main" LINKER ";_dl_relocate_object.part.0" LINKER ";_exit" LINKER,
	 "exit code 127: the dynamic linker did not find a symbol; its message on standard error "
	 "names it",
	 NULL},
	{127, false, "?" LINKER ";?" LINKER ";_exit" LINKER,
	 "exit code 127: the dynamic linker could not load it; its message on standard error "
	 "names it",
	 NULL},
	{127, false, "[truncated];?" LINKER ";_exit" LINKER, "exit code 127, _exit(127)", NULL},
	{127, false, "_start@libc.so;__dls3@libc.so;_Exit@libc.so",
	 "exit code 127: the dynamic linker could not load it; its message on standard error "
	 "names it",
	 NULL},
	{1, false, "dl_main" LINKER ";_exit" LINKER, "exit code 1, _exit(1)", NULL},
	{127, false, START EXIT, "exit code 127", NULL},
	{127, true, "clone3@libc.so.6;__spawni_child@libc.so.6;_exit@libc.so.6",
	 "exit code 127: posix_spawn() could not execute a program; its name and the error are "
	 "not recorded: -e tracepoint:syscalls:sys_exit_execve",
	 NULL},
	{101, false, START EXIT,
	 "exit code 101 (Rust: main panicked); where is not in the stack, as main had returned",
	 "Rust"},
	{101, false, START EXIT, "exit code 101", NULL},
	{101, false, START "main;leave;" EXIT,
	 "exit code 101, exit(101) called by program: leave <- main", "Rust"},
	{101, false, NULL, "exit code 101", NULL},
};

#define STACK_ENDS (sizeof(stack_ends) / sizeof(stack_ends[0]))

static const struct stack_end *stack_ended;

static void add_stack_end(struct scenario *scenario)
{
	uint64_t parent = add_task(scenario, PARENT, "systemd", 0);
	struct dz_exit row = {
		.task = add_task(scenario, SHELL, "app", parent),
		.exit_code = stack_ended->code,
		.never_executed = stack_ended->never_executed,
		.system_call = CALL_EXIT_GROUP,
	};

	if (stack_ended->runtime)
		row.runtime = scenario_text(scenario, stack_ended->runtime);
	if (stack_ended->chain)
		row.user_stack = scenario_stack(scenario, stack_ended->chain);
	scenario_exit(scenario, row);
}

static void codes_are_explained_by_stacks(void **state)
{
	(void)state;
	for (size_t i = 0; i < STACK_ENDS; i++) {
		struct trace *trace;
		struct replayed_exit exit;
		char *text;

		stack_ended = &stack_ends[i];
		trace = replayed_trace(add_stack_end);
		exit = replayed_exit(trace, SHELL, false);
		text = cause_text_string(&exit.cause);
		assert_string_equal(text, stack_ends[i].words);
		free(text);
		trace_free(trace);
	}
}

/* timeout(1) ends with the code of its child, which could not execute the program. */
static void add_parent_of_fork(struct scenario *scenario)
{
	uint64_t parent = add_task(scenario, SHELL, "timeout", 0);

	scenario_exit(scenario,
		      (struct dz_exit){.task = add_task(scenario, CHILD, "timeout", parent),
				       .exit_code = 127,
				       .never_executed = 1});
	scenario_exit(scenario, (struct dz_exit){.task = add_task(scenario, SHELL, "timeout", 0),
						 .exit_code = 127,
						 .system_call = CALL_EXIT_GROUP});
}

static void a_child_with_the_same_code_is_named(void **state)
{
	struct trace *trace = replayed_trace(add_parent_of_fork);
	struct replayed_exit exit = replayed_exit(trace, SHELL, false);
	char *text = cause_text_string(&exit.cause);

	(void)state;
	assert_string_equal(text, "exit code 127: its child timeout[101] ended with it");
	free(text);
	trace_free(trace);
}

/* The errors of a program that tries each directory of PATH, if they were recorded. */
static void add_failed_execve(struct scenario *scenario)
{
	static const char *const results[] = {"ret=-13", "ret=-2 filename=\"/opt/a \"\"b\"\"\"",
					      "ret=-99999 filename=\"/opt/a\""};
	uint64_t fork = add_task(scenario, SHELL, "run.sh", 0);

	for (size_t i = 0; i < 2; i++)
		scenario_probe(scenario,
			       (struct dz_probe){
				       .task = fork,
				       .probe = scenario_text(
					       scenario, "tracepoint:syscalls:sys_exit_execve"),
				       .arguments = scenario_text(scenario, results[i]),
			       });
	scenario_probe(scenario, (struct dz_probe){
					 .task = add_task(scenario, CHILD, "java", 0),
					 .probe = scenario_text(
						 scenario, "tracepoint:syscalls:sys_exit_execve"),
					 .arguments = scenario_text(scenario, results[2]),
				 });
	scenario_probe(scenario, (struct dz_probe){
					 .task = add_task(scenario, PARENT, "server", 0),
					 .probe = scenario_text(
						 scenario, "tracepoint:syscalls:sys_exit_execve"),
					 .arguments = scenario_text(scenario, results[0]),
				 });
	scenario_exit(scenario, (struct dz_exit){.task = add_task(scenario, PARENT, "server", 0),
						 .exit_code = 126,
						 .system_call = CALL_EXIT_GROUP});
	scenario_exit(scenario, (struct dz_exit){.task = add_task(scenario, SHELL, "run.sh", 0),
						 .exit_code = 127,
						 .never_executed = 1,
						 .system_call = CALL_EXIT_GROUP});
	scenario_exit(scenario, (struct dz_exit){.task = add_task(scenario, CHILD, "java", 0),
						 .exit_code = 127,
						 .never_executed = 1,
						 .system_call = CALL_EXIT_GROUP});
}

static void assert_end(struct trace *trace, uint32_t pid, const char *words)
{
	struct replayed_exit exit = replayed_exit(trace, pid, false);
	char *text = cause_text_string(&exit.cause);

	assert_string_equal(text, words);
	free(text);
}

static void a_recorded_error_of_execve_is_named(void **state)
{
	struct trace *trace = replayed_trace(add_failed_execve);

	(void)state;
	assert_end(trace, SHELL,
		   "exit code 127 (shells: command not found); its last execve() failed with "
		   "ENOENT: /opt/a \"b\"; never executed a program of its own");
	assert_end(trace, PARENT, "exit code 126; its last execve() failed with EACCES");
	assert_end(trace, CHILD,
		   "exit code 127 (shells: command not found); never executed a program of its "
		   "own");
	trace_free(trace);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_of_shells_are_explained),
		cmocka_unit_test(codes_are_explained_by_stacks),
		cmocka_unit_test(a_child_with_the_same_code_is_named),
		cmocka_unit_test(a_recorded_error_of_execve_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
