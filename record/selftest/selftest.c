/* record/selftest/selftest.c - records processes whose actions are known, and compares */
#include "record/selftest/selftest.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/common/message.h"
#include "record/selftest/actions.h"
#include "record/selftest/deeds.h"
#include "record/selftest/judges.h"
#include "record/selftest/recorder.h"
#include "record/selftest/verdict.h"
#include "text/escape.h"

#define USAGE_STATUS     2
#define UPROBE_WORDS_MAX (PATH_MAX + 256)
#define TRIES_MAX        3

static const struct kind {
	const char *name;
	const char *event; /* of -e */
	const char *meaning;
	bool is_needed; /* wherever diag-record is used */
	bool kills_last;
	bool has_uprobe;
	size_t count; /* of actions */
	deeds_action actions[DEEDS_WORKERS_MAX];
	const struct verdict_judge *judge;
} kinds[] = {
	{.name = "exit",
	 .event = "exit",
	 .meaning = "an exit with code 7 and one by SIGKILL: name, arguments, start and end",
	 .is_needed = true,
	 .kills_last = true,
	 .count = 2,
	 .actions = {actions_exit, actions_wait},
	 .judge = &judges_exit},
	{.name = "signal",
	 .event = "signal",
	 .meaning = "SIGUSR1, handled, and SIGTERM: sender, receiver, code and time",
	 .is_needed = true,
	 .count = 2,
	 .actions = {actions_receive, actions_send},
	 .judge = &judges_signal},
	{.name = "section",
	 .event = "section",
	 .meaning = "sections above and below their threshold: start and stop",
	 .count = 1,
	 .actions = {actions_sections},
	 .judge = &judges_section},
	{.name = "uprobe",
	 .event = "section",
	 .meaning = "the same between two functions: start, stop and label",
	 .has_uprobe = true,
	 .count = 1,
	 .actions = {actions_functions},
	 .judge = &judges_uprobe},
	{.name = "tracepoint",
	 .event = "tracepoint:syscalls:sys_enter_getppid",
	 .meaning = "5 calls of getppid(): 5 hits",
	 .count = 1,
	 .actions = {actions_getppid},
	 .judge = &judges_probe},
	{.name = "kprobe",
	 .event = "kprobe:hrtimer_nanosleep",
	 .meaning = "3 calls of nanosleep(): 3 hits",
	 .count = 1,
	 .actions = {actions_sleep},
	 .judge = &judges_probe},
	{.name = "kretprobe",
	 .event = "kretprobe:hrtimer_nanosleep",
	 .meaning = "3 calls of nanosleep(): results and latencies",
	 .count = 1,
	 .actions = {actions_sleep},
	 .judge = &judges_kretprobe},
	{.name = "runq",
	 .event = "runq:100us",
	 .meaning = "two processes that share a CPU: waits, and who ran meanwhile",
	 .count = 2,
	 .actions = {actions_spin, actions_spin},
	 .judge = &judges_runq},
	{.name = "cpu",
	 .event = "cpu:99",
	 .meaning = "300 ms of computing: samples for that time",
	 .count = 1,
	 .actions = {actions_spin},
	 .judge = &judges_cpu},
	{.name = "offcpu",
	 .event = "offcpu",
	 .meaning = "3 sleeps: times, and that an interrupt ended them",
	 .count = 1,
	 .actions = {actions_sleep},
	 .judge = &judges_offcpu},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* The file of the recording, in a separate directory. */
static char directory[PATH_MAX / 2];
static char path[PATH_MAX];

static void remove_file(void)
{
	(void)unlink(path);
	(void)rmdir(directory);
}

static void stop(int number)
{
	remove_file();
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static bool make_directory(struct problem *ret_problem)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(directory, sizeof(directory), "%s/diag-self-test-XXXXXX",
		       base && base[0] == '/' ? base : "/tmp");
	if (!mkdtemp(directory))
		return problem_set(ret_problem, "%s: cannot create: %s", directory,
				   strerror(errno));
	(void)snprintf(path, sizeof(path), "%s/self-test.dz", directory);
	(void)signal(SIGINT, stop);
	(void)signal(SIGTERM, stop);
	(void)signal(SIGHUP, stop);
	return true;
}

enum outcome { RIGHT, WRONG, UNAVAILABLE };

/* The problem is that of the recorder if it does not start. */
static enum outcome record(const struct kind *kind, struct deeds *deeds, uint64_t *ret_lost,
			   struct problem *ret_problem)
{
	char uprobe[UPROBE_WORDS_MAX];
	const char *const arguments[] = {"diag-record",
					 "-o",
					 path,
					 "-c",
					 DEEDS_NAME_PATTERN,
					 "--cmdline",
					 "-e",
					 kind->event,
					 kind->has_uprobe ? "--uprobe" : NULL,
					 uprobe,
					 NULL};
	struct recorder recorder;
	bool has_acted;

	if (kind->has_uprobe && !actions_uprobe(deeds, uprobe, sizeof(uprobe), ret_problem))
		return UNAVAILABLE;
	if (!recorder_start(arguments, &recorder, ret_problem))
		return UNAVAILABLE;
	has_acted = deeds_run(deeds, kind->kills_last, ret_problem);
	if (!has_acted) {
		(void)recorder_end(&recorder, &(struct problem){""});
		return WRONG;
	}
	return recorder_end(&recorder, ret_problem) &&
			       verdict_of(path, deeds, kind->judge, ret_lost, ret_problem)
		       ? RIGHT
		       : WRONG;
}

static enum outcome test_once(const struct kind *kind, uint64_t *ret_lost,
			      struct problem *ret_problem)
{
	struct deeds *deeds = deeds_start(kind->actions, kind->count, ret_problem);
	enum outcome outcome;

	*ret_lost = 0;
	if (!deeds)
		return WRONG;
	outcome = record(kind, deeds, ret_lost, ret_problem);
	(void)unlink(path);
	deeds_free(deeds);
	return outcome;
}

/* What a busy machine had no time for, and the recording counted as lost, says nothing of the kind.
 */
static enum outcome test(const struct kind *kind, struct problem *ret_problem)
{
	enum outcome outcome = WRONG;
	bool was_wrong = false;
	uint64_t lost = 1;

	for (int tries = 0; outcome == WRONG && lost > 0 && tries < TRIES_MAX; tries++) {
		*ret_problem = (struct problem){""};
		outcome = test_once(kind, &lost, ret_problem);
		was_wrong |= outcome == WRONG;
	}
	/* Then it is available. */
	return outcome == UNAVAILABLE && was_wrong ? WRONG : outcome;
}

static void print(const struct kind *kind, enum outcome outcome, const struct problem *problem)
{
	static const char *const words[] = {"right", "wrong", "not available"};

	(void)printf("%-11s %s: ", kind->name, words[outcome]);
	if (outcome == RIGHT)
		(void)fputs(kind->meaning, stdout);
	else
		(void)escape_write(stdout, ESCAPE_TERMINAL, problem->text, strlen(problem->text));
	(void)putchar('\n');
	(void)fflush(stdout);
}

static bool has_name(char *const *names, const char *name)
{
	for (; names && *names; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

/* Returns the first name that is no kind, or NULL. */
static const char *find_unknown(char *const *names)
{
	for (; names && *names; names++) {
		size_t i = 0;

		while (i < KINDS && strcmp(*names, kinds[i].name) != 0)
			i++;
		if (i == KINDS)
			return *names;
	}
	return NULL;
}

int selftest_run(char *const *names)
{
	const char *unknown = find_unknown(names);
	struct problem problem = {""};
	bool is_right = true;

	if (unknown) {
		message("--self-test %s: no such kind: use exit, signal, section, uprobe, "
			"tracepoint, kprobe, kretprobe, runq, cpu or offcpu",
			unknown);
		return USAGE_STATUS;
	}
	if (!make_directory(&problem)) {
		message("%s", problem.text);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < KINDS; i++) {
		const struct kind *kind = &kinds[i];
		enum outcome outcome;

		if (names && !has_name(names, kind->name))
			continue;
		outcome = test(kind, &problem);
		print(kind, outcome, &problem);
		is_right &=
			outcome == RIGHT || (outcome == UNAVAILABLE && !names && !kind->is_needed);
	}
	remove_file();
	return is_right && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
