/* tests/record/output/test_disk_sync.c - what a thread of its own brings to the disk */
#include "record/output/disk_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static int threads_begun;

static bool begin_thread(void)
{
	threads_begun++;
	return true;
}

static int open_file(void)
{
	char name[] = "/tmp/diag-disk-sync.XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(write(fd, "x", 1), 1);
	return fd;
}

static void a_file_is_on_the_disk_when_the_end_is_told(void **state)
{
	struct disk_sync *sync = disk_sync_new(begin_thread);
	int fd = open_file(), error = -1;

	(void)state;
	assert_non_null(sync);
	disk_sync_begin(sync, fd);
	assert_int_equal(disk_sync_wait(sync), 0);
	assert_true(disk_sync_ended(sync, &error));
	assert_int_equal(error, 0);
	disk_sync_free(sync);
	assert_int_equal(threads_begun, 1);
	close(fd);
}

static void the_end_comes_without_waiting_for_it(void **state)
{
	struct disk_sync *sync = disk_sync_new(NULL);
	int fd = open_file(), error = -1;

	(void)state;
	assert_non_null(sync);
	disk_sync_begin(sync, fd);
	while (!disk_sync_ended(sync, &error))
		usleep(1000);
	assert_int_equal(error, 0);
	disk_sync_free(sync);
	close(fd);
}

static void an_error_is_told_and_the_next_one_begins_without_it(void **state)
{
	struct disk_sync *sync = disk_sync_new(NULL);
	int fd = open_file();

	(void)state;
	assert_non_null(sync);
	disk_sync_begin(sync, fd + 100); /* which is not open */
	assert_int_equal(disk_sync_wait(sync), EBADF);
	disk_sync_begin(sync, fd);
	assert_int_equal(disk_sync_wait(sync), 0);
	disk_sync_free(sync);
	close(fd);
}

static void what_is_under_way_is_waited_for_at_the_end(void **state)
{
	struct disk_sync *sync = disk_sync_new(NULL);
	int fd = open_file();

	(void)state;
	assert_non_null(sync);
	disk_sync_begin(sync, fd);
	disk_sync_free(sync);
	assert_int_equal(close(fd), 0);
	disk_sync_free(NULL);
}

static void a_pipe_has_no_disk_and_no_error(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(disk_sync_now(ends[1]), 0);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_on_the_disk_when_the_end_is_told),
		cmocka_unit_test(the_end_comes_without_waiting_for_it),
		cmocka_unit_test(an_error_is_told_and_the_next_one_begins_without_it),
		cmocka_unit_test(what_is_under_way_is_waited_for_at_the_end),
		cmocka_unit_test(a_pipe_has_no_disk_and_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
