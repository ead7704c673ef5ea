/* tests/record/privilege/test_helper_process.c - record/privilege/helper_process.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "record/privilege/helper_process.h"

static bool keep(void)
{
	return true;
}

static bool keep_nothing(void)
{
	return false;
}

/* Answers each byte with its sum with the context, and an end of a pipe. */
static void serve(void *context, int socket)
{
	const unsigned char *step = context;
	unsigned char byte;

	while (helper_process_receive(socket, &byte, sizeof(byte), NULL, 0) && byte != 0) {
		int ends[2];

		byte = (unsigned char)(byte + *step);
		if (pipe(ends) != 0 || !helper_process_send(socket, &byte, sizeof(byte), ends, 2))
			return;
		close(ends[0]);
		close(ends[1]);
	}
}

static struct helper_process start(void *context)
{
	const struct helper_process_role role = {"test-side", "tests", keep, serve, context};
	struct helper_process process;
	struct problem problem = {""};

	if (!helper_process_start(&role, &process, &problem))
		fail_msg("%s", problem.text);
	return process;
}

static void end(struct helper_process *process)
{
	const unsigned char last = 0;

	assert_true(helper_process_send(process->socket, &last, sizeof(last), NULL, 0));
	helper_process_end(process);
}

static void a_request_is_answered_with_descriptors(void **state)
{
	unsigned char step = 3, byte = 4, through = 9;
	struct helper_process process = start(&step);
	int ends[2] = {-1, -1};

	(void)state;
	assert_true(helper_process_send(process.socket, &byte, sizeof(byte), NULL, 0));
	assert_true(helper_process_receive(process.socket, &byte, sizeof(byte), ends, 2));
	assert_int_equal(byte, 7);
	assert_int_equal(write(ends[1], &through, 1), 1);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	assert_int_equal(byte, through);
	assert_true(fcntl(ends[0], F_GETFD) & FD_CLOEXEC);
	close(ends[0]);
	close(ends[1]);
	end(&process);
}

static void an_unexpected_count_of_descriptors_gives_none(void **state)
{
	unsigned char step = 1, byte = 1;
	struct helper_process process = start(&step);
	int fd = 0;

	(void)state;
	assert_true(helper_process_send(process.socket, &byte, sizeof(byte), NULL, 0));
	assert_true(helper_process_receive(process.socket, &byte, sizeof(byte), &fd, 1));
	assert_int_equal(fd, -1);
	end(&process);
}

static void a_process_that_cannot_drop_privileges_does_not_start(void **state)
{
	const struct helper_process_role role = {"test-side", "tests", keep_nothing, serve, NULL};
	struct helper_process process;
	struct problem problem = {""};

	(void)state;
	assert_false(helper_process_start(&role, &process, &problem));
	assert_non_null(strstr(problem.text, "helper process for tests: cannot drop privileges"));
}

static bool end_at_once(void)
{
	return kill(getpid(), SIGKILL) != 0;
}

static void a_process_that_is_killed_before_it_is_ready_is_named(void **state)
{
	const struct helper_process_role role = {"test-side", "tests", end_at_once, serve, NULL};
	struct helper_process process;
	struct problem problem = {""};

	(void)state;
	assert_false(helper_process_start(&role, &process, &problem));
	assert_string_equal(problem.text, "helper process for tests: killed by signal 9");
}

static void await_report(struct helper_process *process)
{
	const struct timespec pause = {.tv_nsec = 5000000};

	while (!helper_process_watch(process, "tests", "this is a test"))
		(void)nanosleep(&pause, NULL);
	/* Once. */
	assert_false(helper_process_watch(process, "tests", "this is a test"));
}

static void a_process_that_is_stopped_or_ended_is_reported_once(void **state)
{
	unsigned char step = 1;
	struct helper_process process = start(&step);

	(void)state;
	assert_false(helper_process_watch(&process, "tests", "this is a test"));
	assert_int_equal(kill(process.pid, SIGSTOP), 0);
	await_report(&process);
	assert_true(process.is_stopped);
	assert_int_equal(kill(process.pid, SIGKILL), 0);
	await_report(&process);
	assert_false(process.is_stopped);
	helper_process_end(&process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_answered_with_descriptors),
		cmocka_unit_test(an_unexpected_count_of_descriptors_gives_none),
		cmocka_unit_test(a_process_that_is_killed_before_it_is_ready_is_named),
		cmocka_unit_test(a_process_that_is_stopped_or_ended_is_reported_once),
		cmocka_unit_test(a_process_that_cannot_drop_privileges_does_not_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
