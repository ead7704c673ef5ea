/* tests/record/other_process.c - helper processes that a test stops or ends */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/record/other_process.h"

#define STATE_GONE 'X'

#define CHECKS   60000
#define CHECK_NS 1000000

/* The newest child of a process. */
static pid_t child_of(pid_t pid)
{
	char name[64], text[256] = "";
	const char *last;
	FILE *file;

	(void)snprintf(name, sizeof(name), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(name, "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	assert_int_equal(fclose(file), 0);
	text[strlen(text) - 1] = '\0';
	last = strrchr(text, ' ');
	return (pid_t)strtol(last ? last : text, NULL, 10);
}

/* A child of the process that starts readers. */
pid_t reader_process(void)
{
	return child_of(child_of(getpid()));
}

/* The letter of proc_pid_stat(5). */
static char state_of(pid_t pid)
{
	char name[64], text[256] = "";
	const char *name_end;
	FILE *file;

	(void)snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	file = fopen(name, "re");
	if (!file)
		return STATE_GONE;
	(void)!fgets(text, sizeof(text), file);
	(void)fclose(file);
	name_end = strrchr(text, ')');
	if (!name_end || name_end[1] != ' ')
		return STATE_GONE;
	return name_end[2];
}

static void wait_for_state(pid_t pid, const char *states)
{
	const struct timespec pause = {.tv_nsec = CHECK_NS};

	for (int i = 0; i < CHECKS && !strchr(states, state_of(pid)); i++)
		(void)nanosleep(&pause, NULL);
	assert_non_null(strchr(states, state_of(pid)));
}

/* A process that runs on another CPU sees a signal a little later. */
void other_process_stop(pid_t pid)
{
	assert_int_equal(kill(pid, SIGSTOP), 0);
	wait_for_state(pid, "T");
}

void other_process_continue(pid_t pid)
{
	assert_int_equal(kill(pid, SIGCONT), 0);
}

void other_process_kill(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	wait_for_state(pid, "ZX");
}
