/* tests/record/output/test_disk_sync.c - record/output/disk_sync.c */
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

static void a_file_is_synced_when_the_end_is_reported(void **state)
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

static void the_end_is_reported_without_waiting(void **state)
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

static void an_error_is_reported_once(void **state)
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

static void free_waits_for_a_sync_under_way(void **state)
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

static void syncing_a_pipe_is_no_error(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(disk_sync_now(ends[1]), 0);
	close(ends[0]);
	close(ends[1]);
}

static void a_wait_has_a_limit(void **state)
{
	struct disk_sync *sync = disk_sync_new(NULL);
	int fd = open_file(), error = -1;

	(void)state;
	assert_non_null(sync);
	disk_sync_begin(sync, fd);
	while (!disk_sync_wait_for(sync, 1, &error))
		continue;
	assert_int_equal(error, 0);
	disk_sync_begin(sync, 1000); /* which is not open */
	while (!disk_sync_wait_for(sync, UINT64_C(5000000000), &error))
		continue;
	assert_int_equal(error, EBADF);
	disk_sync_free(sync);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_synced_when_the_end_is_reported),
		cmocka_unit_test(the_end_is_reported_without_waiting),
		cmocka_unit_test(a_wait_has_a_limit),
		cmocka_unit_test(an_error_is_reported_once),
		cmocka_unit_test(free_waits_for_a_sync_under_way),
		cmocka_unit_test(syncing_a_pipe_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
