/* tests/fuzz/work_limit.c - ends a fuzz target whose input takes more work than its size allows
 *
 * The linker puts it between the caller and the target. Work is processor time, so that a busy
 * machine makes no findings, and an input that never comes back is ended too. A timer looks once a
 * second, since two system calls for each input would take longer than many inputs.
 */
#include "tests/fuzz/work_limit.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/* Sanitizers and fuzzers take up to twenty times as long as the programs, and a busy machine twice
 * as long again. */
#define NS_PER_BYTE UINT64_C(400000)
#define TICK_NS     UINT64_C(1000000000)

/* NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier): the names of the linker
 */
int __real_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier) */

/* The current input. Of the thread that calls the target; a signal handler reads it. */
static volatile uint64_t inputs;
static volatile uint64_t allowed_ns;
static volatile uint64_t extended_ns;

static void look(int signal)
{
	static const char text[] = "The input takes more processor time than its size allows.\n";
	static uint64_t last_input;
	static uint64_t used_ns;

	(void)signal;
	used_ns = inputs == last_input ? used_ns + TICK_NS : 0;
	last_input = inputs;
	if (used_ns <= allowed_ns + extended_ns)
		return;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	abort();
}

static void start(void)
{
	const struct itimerval each_second = {.it_interval = {1, 0}, .it_value = {1, 0}};
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = look;
	action.sa_flags = SA_RESTART;
	if (sigaction(SIGPROF, &action, NULL) != 0 ||
	    setitimer(ITIMER_PROF, &each_second, NULL) != 0)
		abort();
}

void work_limit_extend(uint64_t more_ns)
{
	extended_ns = more_ns;
}

int __wrap_LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (inputs == 0)
		start();
	inputs++;
	allowed_ns = (uint64_t)WORK_S * TICK_NS + NS_PER_BYTE * size;
	extended_ns = 0;
	return __real_LLVMFuzzerTestOneInput(data, size);
}
