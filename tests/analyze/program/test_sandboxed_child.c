/* tests/analyze/program/test_sandboxed_child.c - analyze/program/sandboxed_child.c */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyze/program/sandboxed_child.h"

static enum program_status give_back(void *context)
{
	return *(const enum program_status *)context;
}

/* Sets the flag that it runs, and does not return. */
static enum program_status hang(void *context)
{
	volatile int *running = *(volatile int **)context;

	*running = 1;
	while (*running)
		;
	return PROGRAM_OK;
}

static void the_status_of_the_work_is_returned(void **state)
{
	(void)state;
	for (enum program_status status = PROGRAM_OK; status <= PROGRAM_INCOMPLETE; status++) {
		struct sandboxed_child_end end = sandboxed_child_run("test", give_back, &status);

		assert_int_equal(end.signal, 0);
		assert_int_equal(end.status, status);
		assert_int_equal(sandboxed_child_finish("test", &end), status);
	}
}

#if !defined(__SANITIZE_ADDRESS__)
static enum program_status crash(void *context)
{
	volatile int *nothing = context;

	return (enum program_status) * nothing;
}

static void a_crash_of_the_work_is_a_failure_of_the_program(void **state)
{
	struct sandboxed_child_end end;
	/* cmocka has installed a handler. */
	void (*handler)(int) = signal(SIGSEGV, SIG_DFL);

	(void)state;
	end = sandboxed_child_run("test", crash, NULL);
	signal(SIGSEGV, handler);
	assert_int_equal(end.signal, SIGSEGV);
	assert_int_equal(end.status, PROGRAM_FAILURE);
	assert_int_equal(sandboxed_child_finish("test", &end), PROGRAM_FAILURE);
}
#endif

static void an_ending_signal_ends_the_work_first(void **state)
{
	const int flags = MAP_SHARED | MAP_ANONYMOUS;
	/* cppcheck-suppress invalidFunctionArg ; -1 stands for no file */
	void *shared = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, flags, -1, 0);
	volatile int *running = shared;
	struct sandboxed_child_end end;
	pid_t killer;

	(void)state;
	assert_true(shared != MAP_FAILED);
	killer = fork();
	if (killer == 0) {
		while (!*running)
			usleep(1000);
		kill(getppid(), SIGTERM);
		_exit(0);
	}
	end = sandboxed_child_run("test", hang, &running);
	assert_int_equal(end.signal, SIGTERM);
	assert_int_equal(end.status, PROGRAM_FAILURE);
	munmap(shared, sizeof(int));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_status_of_the_work_is_returned),
#if !defined(__SANITIZE_ADDRESS__)
		cmocka_unit_test(a_crash_of_the_work_is_a_failure_of_the_program),
#endif
		cmocka_unit_test(an_ending_signal_ends_the_work_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
