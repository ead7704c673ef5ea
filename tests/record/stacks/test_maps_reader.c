/* tests/record/stacks/test_maps_reader.c - record/stacks/maps_reader.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <unistd.h>

#include "record/common/clock.h"
#include "record/stacks/maps_reader.h"
#include "tests/record/other_process.h"

/* Long enough for a busy machine. */
#define LONG_NS  UINT64_C(20000000000)
#define SHORT_NS UINT64_C(20000000)

struct fixture {
	struct file_reader *files;
	struct mapping_account account;
	struct maps_reader *maps;
};

static int begin(void **state)
{
	static struct fixture fixture;
	struct problem problem;

	fixture = (struct fixture){.files = NULL};
	if (!file_reader_start(&fixture.files, &problem) ||
	    !file_reader_start_thread(fixture.files, NULL))
		return -1;
	file_reader_set_wait(fixture.files, LONG_NS);
	fixture.maps = maps_reader_new(fixture.files, &fixture.account);
	*state = &fixture;
	return fixture.maps ? 0 : -1;
}

static int end(void **state)
{
	struct fixture *fixture = *state;

	file_reader_stop_thread(fixture->files);
	maps_reader_free(fixture->maps);
	file_reader_end(fixture->files);
	assert_int_equal(fixture->account.bytes, 0);
	return 0;
}

static struct maps_result await(struct maps_reader *maps)
{
	struct maps_result result;

	maps_reader_wait(maps, LONG_NS);
	assert_true(maps_reader_take(maps, &result));
	return result;
}

/* Only the status is of interest. */
static enum symbols_status await_status(struct maps_reader *maps)
{
	struct maps_result result = await(maps);

	if (result.status == SYMBOLS_OK)
		mapping_set_release(result.found.set);
	return result.status;
}

static void the_mappings_of_this_process_are_read(void **state)
{
	struct fixture *fixture = *state;
	const uint64_t before_ns = clock_boottime_ns();
	struct maps_request request = {.pid = (uint32_t)getpid()};
	uint32_t pids[MAPS_READER_MAX];
	struct pollfd ready = {.fd = maps_reader_descriptor(fixture->maps), .events = POLLIN};
	struct maps_result result;

	assert_int_equal(maps_reader_since_ns(fixture->maps), UINT64_MAX);
	assert_true(maps_reader_request(fixture->maps, &request));
	assert_int_equal(maps_reader_count(fixture->maps), 1);
	assert_int_equal(maps_reader_pids(fixture->maps, pids), 1);
	assert_int_equal(pids[0], getpid());
	assert_true(maps_reader_since_ns(fixture->maps) >= before_ns);
	assert_int_equal(poll(&ready, 1, (int)(LONG_NS / 1000000)), 1);
	result = await(fixture->maps);
	assert_int_equal(poll(&ready, 1, 0), 0);
	assert_int_equal(result.status, SYMBOLS_OK);
	assert_int_equal(result.request.pid, getpid());
	assert_int_equal(result.found.user.uid, getuid());
	assert_true(result.found.threads >= 2);
	assert_true(result.found.start_ns > 0 && result.found.start_ns <= before_ns);
	assert_true(result.found.time_ns >= before_ns);
	assert_non_null(mappings_find(&result.found.set->mappings, (uintptr_t)&await));
	mapping_set_release(result.found.set);
	assert_int_equal(maps_reader_count(fixture->maps), 0);
	assert_int_equal(maps_reader_pids(fixture->maps, pids), 0);
}

static void a_process_that_has_ended_is_not_found(void **state)
{
	struct fixture *fixture = *state;
	/* More than any machine has. */
	struct maps_request request = {.pid = 0x7fffffff};
	struct maps_result result;

	assert_true(maps_reader_request(fixture->maps, &request));
	result = await(fixture->maps);
	assert_int_equal(result.status, SYMBOLS_NOT_FOUND);
	assert_true(result.took_ns > 0);
}

static void more_requests_than_fit_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct maps_request request = {.pid = 0x7fffffff};

	for (size_t i = 0; i < MAPS_READER_MAX; i++)
		assert_true(maps_reader_request(fixture->maps, &request));
	assert_false(maps_reader_request(fixture->maps, &request));
	for (size_t i = 0; i < MAPS_READER_MAX; i++)
		assert_int_equal(await_status(fixture->maps), SYMBOLS_NOT_FOUND);
	assert_true(maps_reader_request(fixture->maps, &request));
	assert_int_equal(await_status(fixture->maps), SYMBOLS_NOT_FOUND);
}

/* As if the process held the lock of its memory. */
static void what_does_not_answer_is_given_up(void **state)
{
	struct fixture *fixture = *state;
	struct maps_request request = {.pid = (uint32_t)getpid()};
	struct file_reader_statistics statistics;
	pid_t stopped;

	assert_true(maps_reader_request(fixture->maps, &request));
	assert_int_equal(await_status(fixture->maps), SYMBOLS_OK);
	stopped = reader_process();
	other_process_stop(stopped);
	file_reader_set_wait(fixture->files, SHORT_NS);
	assert_true(maps_reader_request(fixture->maps, &request));
	assert_int_equal(await_status(fixture->maps), SYMBOLS_TIMEOUT);
	file_reader_get_statistics(fixture->files, &statistics);
	assert_int_equal(statistics.timeouts, 1);
	other_process_continue(stopped);
}

static void work_of_one_user_is_put_off(void **state)
{
	struct fixture *fixture = *state;
	struct maps_request request = {.pid = (uint32_t)getpid(), .can_put_off = true};
	enum symbols_status status = SYMBOLS_OK;
	uint64_t took_ns = 0;
	size_t count = 0;

	while (status == SYMBOLS_OK && took_ns < 100 * MAPS_READER_USER_NS) {
		struct maps_result result;

		assert_true(maps_reader_request(fixture->maps, &request));
		result = await(fixture->maps);
		status = result.status;
		took_ns += result.took_ns;
		count++;
		if (status == SYMBOLS_OK)
			mapping_set_release(result.found.set);
	}
	assert_int_equal(status, SYMBOLS_REFUSED);
	assert_true(took_ns > MAPS_READER_USER_NS && count > 1);
	/* Without others it is read. */
	request.can_put_off = false;
	assert_true(maps_reader_request(fixture->maps, &request));
	assert_int_equal(await_status(fixture->maps), SYMBOLS_OK);
	request.can_put_off = true;
	maps_reader_forget_use(fixture->maps, true);
	assert_true(maps_reader_request(fixture->maps, &request));
	assert_int_equal(await_status(fixture->maps), SYMBOLS_REFUSED);
	/* The next scan begins anew. */
	maps_reader_forget_use(fixture->maps, false);
	assert_true(maps_reader_request(fixture->maps, &request));
	assert_int_equal(await_status(fixture->maps), SYMBOLS_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_mappings_of_this_process_are_read),
		TEST(a_process_that_has_ended_is_not_found),
		TEST(more_requests_than_fit_are_refused),
		TEST(what_does_not_answer_is_given_up),
		TEST(work_of_one_user_is_put_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
