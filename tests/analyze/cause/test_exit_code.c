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
	const char *parent_comm; /* NULL: bash */
	const char *parent_line;
	const char *comm;
	const char *line;
	uint64_t code;
	uint64_t child_signal; /* 0: no child */
	uint32_t sender;       /* 0: the out-of-memory killer */
	const char *words;
};

static const struct end ends[] = {
	{NULL, NULL, "bash", NULL, 127, 0, 0, "exit code 127 (shells: command not found)"},
	{NULL, NULL, "dash", NULL, 126, 0, 0, "exit code 126 (shells: command cannot be executed)"},
	{"run.sh", NULL, "run.sh", NULL, 127, 0, 0, "exit code 127 (shells: command not found)"},
	{"run.sh", "bash ./run.sh", "run.sh", "bash ./run.sh", 127, 0, 0,
	 "exit code 127 (shells: command not found); never executed a program of its own"},
	{"bash", "bash", "bash", "bash -c nosuch", 127, 0, 0,
	 "exit code 127 (shells: command not found)"},
	{"run.sh", "bash ./run.sh", "run.sh", "bash ./run.sh again", 127, 0, 0, "exit code 127"},
	{NULL, NULL, "curl", NULL, 127, 0, 0, "exit code 127"},
	{NULL, NULL, "basher", NULL, 126, 0, 0, "exit code 126"},
	{NULL, NULL, "timeout", NULL, 124, 0, 0, "exit code 124 (timeout: the time was up)"},
	{NULL, NULL, "bash", NULL, 124, 0, 0, "exit code 124"},
	{NULL, NULL, "bash", NULL, 137, SIGKILL, SHELL,
	 "exit code 137 (128 + SIGKILL): its child java[101] was killed by SIGKILL from bash[100] "
	 "itself"},
	{NULL, NULL, "run.sh", NULL, 143, SIGTERM, 7,
	 "exit code 143 (128 + SIGTERM): its child java[101] was killed by SIGTERM from killer[7]"},
	{NULL, NULL, "bash", NULL, 137, SIGKILL, 0,
	 "exit code 137 (128 + SIGKILL): its child java[101] was killed by SIGKILL of the "
	 "out-of-memory killer"},
	{NULL, NULL, "bash", NULL, 137, SIGTERM, 7,
	 "exit code 137; no child of it in the trace was killed by SIGKILL"},
	{NULL, NULL, "bash", NULL, 139, 0, 0,
	 "exit code 139; no child of it in the trace was killed by SIGSEGV"},
	{NULL, NULL, "server", NULL, 139, 0, 0, "exit code 139"},
	{NULL, NULL, "bash", NULL, 128, 0, 0, "exit code 128"},
	{NULL, NULL, "bash", NULL, 193, 0, 0, "exit code 193"},
	{NULL, NULL, "bash", NULL, 255, 0, 0, "exit code 255"},
};

#define ENDS (sizeof(ends) / sizeof(ends[0]))

static const struct end *ended;

static uint64_t add_task(struct scenario *scenario, uint32_t pid, const char *comm, uint64_t parent,
			 const char *line)
{
	return scenario_task(scenario,
			     &(struct scenario_task){
				     .parent = parent,
				     .pid = pid,
				     .comm = comm,
				     .command_line = line,
				     .age_ns = scenario->now_ns - SCENARIO_START_NS + SECOND,
			     });
}

static void add_child(struct scenario *scenario, uint64_t shell)
{
	uint64_t child = add_task(scenario, CHILD, "java", shell, NULL);
	uint64_t sender = ended->sender == SHELL ? shell : add_task(scenario, 7, "killer", 0, NULL);

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

static void add_end(struct scenario *scenario)
{
	const char *parent_comm = ended->parent_comm ? ended->parent_comm : "systemd";
	uint64_t parent = add_task(scenario, PARENT, parent_comm, 0, ended->parent_line);
	uint64_t shell = add_task(scenario, SHELL, ended->comm, parent, ended->line);

	if (ended->child_signal != 0)
		add_child(scenario, shell);
	shell = add_task(scenario, SHELL, ended->comm, parent, ended->line);
	scenario_exit(scenario, (struct dz_exit){.task = shell,
						 .exit_code = ended->code,
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
		assert_string_equal(cause_class(&exit.cause), "FAILED");
		free(text);
		trace_free(trace);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_of_shells_are_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
