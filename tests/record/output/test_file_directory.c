/* tests/record/output/test_file_directory.c - record/output/file_directory.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "record/output/file_directory.h"
#include "tests/record/directory.h"
#include <dz/file_header.h>

#define HEADER_BYTES 128

static void open_directory(const struct file_directory_limits *limits,
			   struct file_directory *ret_directory)
{
	struct problem problem = {""};

	if (!file_directory_open("./", "web1", limits, ret_directory, &problem))
		fail_msg("%s", problem.text);
}

/* Makes a file of `bytes` whose header has this stream id, last written at second `modified`. */
static void make_file(const char *name, uint64_t stream_id, off_t bytes, time_t modified)
{
	struct dz_file_header header = {.version_major = DZ_VERSION_MAJOR, .page_bytes = 4096};
	const struct timespec times[2] = {{.tv_sec = modified}, {.tv_sec = modified}};
	uint8_t encoded[HEADER_BYTES];
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	memcpy(header.uuid + 8, &stream_id, sizeof(stream_id));
	dz_file_header_encode(&header, encoded);
	assert_int_equal(write(fd, encoded, sizeof(encoded)), sizeof(encoded));
	assert_int_equal(ftruncate(fd, bytes), 0);
	assert_int_equal(futimens(fd, times), 0);
	assert_int_equal(close(fd), 0);
}

static bool is_there(const char *name)
{
	return access(name, F_OK) == 0;
}

static void prune(const struct file_directory *directory, unsigned int new_files, uint64_t bytes)
{
	struct problem problem = {""};

	if (!file_directory_prune(directory, new_files, bytes, &problem))
		fail_msg("%s", problem.text);
}

static void names_are_made_from_host_and_time(void **state)
{
	const struct file_directory_limits none = {0};
	struct file_directory directory;
	char first[256], second[256];

	(void)state;
	open_directory(&none, &directory);
	assert_true(file_directory_path(&directory, 1796000000, 1, first, sizeof(first)));
	assert_true(file_directory_path(&directory, 1796000000, 2, second, sizeof(second)));
	assert_int_equal(strncmp(first, "./diag-web1-2026", 16), 0);
	assert_int_equal(strlen(second), strlen(first) + 2);
	assert_non_null(strstr(second, "-2.dz"));
	assert_false(file_directory_path(&directory, 1796000000, 1, first, 20));
	file_directory_close(&directory);
}

static void the_stream_id_stays(void **state)
{
	const struct file_directory_limits none = {0};
	struct file_directory directory;
	uint64_t id;

	(void)state;
	open_directory(&none, &directory);
	id = directory.stream_id;
	assert_int_not_equal(id, 0);
	file_directory_close(&directory);
	open_directory(&none, &directory);
	assert_true(directory.stream_id == id);
	file_directory_close(&directory);
}

static void a_damaged_stream_id_is_refused(void **state)
{
	const struct file_directory_limits none = {0};
	struct file_directory directory;
	struct problem problem = {""};
	int fd = open(".diag-stream", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	assert_int_equal(write(fd, "no hexadecimal id", 17), 17);
	assert_int_equal(close(fd), 0);
	assert_false(file_directory_open("./", "web1", &none, &directory, &problem));
	assert_non_null(strstr(problem.text, ".diag-stream"));
}

static void the_oldest_own_files_are_removed(void **state)
{
	const struct file_directory_limits three = {.count = 3};
	struct file_directory directory;

	(void)state;
	open_directory(&three, &directory);
	make_file("diag-web1-20260101-000000.dz", directory.stream_id, 200, 4000);
	make_file("diag-web1-20260102-000000-9.dz", directory.stream_id, 200, 1000);
	make_file("diag-web1-20260102-000000-10.dz", directory.stream_id, 200, 1000);
	make_file("diag-web1-20260104-000000.dz", directory.stream_id, 200, 3000);
	prune(&directory, 1, 0);
	assert_true(is_there("diag-web1-20260101-000000.dz"));
	assert_false(is_there("diag-web1-20260102-000000-9.dz"));
	assert_false(is_there("diag-web1-20260102-000000-10.dz"));
	assert_true(is_there("diag-web1-20260104-000000.dz"));
	prune(&directory, 0, 0);
	assert_true(is_there("diag-web1-20260104-000000.dz"));
	file_directory_close(&directory);
}

static void other_files_are_never_removed(void **state)
{
	static const char *const foreign[] = {
		"trace.dz",
		"diag-web1-20260101-000000.dz.old",
		"diag-web2-20260101-000000.dz",
		"diag-web1-2026x101-000000.dz",
		"diag-web1-20260101-000000-a.dz",
		"copy of diag-web1-20260101-000000.dz",
	};
	const struct file_directory_limits one = {.count = 1, .bytes = 1, .age_s = 1};
	struct file_directory directory;
	int fd;

	(void)state;
	open_directory(&one, &directory);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		make_file(foreign[i], directory.stream_id, 200, 1000);
	make_file("diag-web1-20260102-000000.dz", directory.stream_id ^ 1, 200, 1000);
	fd = open("diag-web1-20260103-000000.dz", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(close(fd), 0);
	assert_int_equal(symlink("trace.dz", "diag-web1-20260104-000000.dz"), 0);
	prune(&directory, 1, 100);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		assert_true(is_there(foreign[i]));
	assert_true(is_there("diag-web1-20260102-000000.dz"));
	assert_true(is_there("diag-web1-20260103-000000.dz"));
	assert_true(is_there("diag-web1-20260104-000000.dz"));
	file_directory_close(&directory);
}

static void a_file_that_is_being_written_counts_and_stays(void **state)
{
	const struct file_directory_limits two = {.count = 2};
	struct file_directory directory;
	int fd;

	(void)state;
	open_directory(&two, &directory);
	make_file("diag-web1-20260101-000000.dz", directory.stream_id, 200, 1000);
	make_file("diag-web1-20260102-000000.dz", directory.stream_id, 200, 2000);
	fd = open("diag-web1-20260101-000000.dz", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	prune(&directory, 1, 0);
	assert_true(is_there("diag-web1-20260101-000000.dz"));
	assert_false(is_there("diag-web1-20260102-000000.dz"));
	assert_int_equal(close(fd), 0);
	file_directory_close(&directory);
}

static void the_limits_of_bytes_and_age_hold(void **state)
{
	const struct file_directory_limits size = {.bytes = 1000};
	const struct file_directory_limits age = {.age_s = 100};
	struct file_directory directory;

	(void)state;
	open_directory(&size, &directory);
	make_file("diag-web1-20260101-000000.dz", directory.stream_id, 300, 1000);
	make_file("diag-web1-20260102-000000.dz", directory.stream_id, 300, 2000);
	make_file("diag-web1-20260103-000000.dz", directory.stream_id, 300, time(NULL));
	prune(&directory, 1, 100);
	assert_true(is_there("diag-web1-20260101-000000.dz"));
	prune(&directory, 1, 101);
	assert_false(is_there("diag-web1-20260101-000000.dz"));
	assert_true(is_there("diag-web1-20260102-000000.dz"));
	directory.limits = age;
	prune(&directory, 1, 0);
	assert_false(is_there("diag-web1-20260102-000000.dz"));
	assert_true(is_there("diag-web1-20260103-000000.dz"));
	file_directory_close(&directory);
}

/* More than one pass can remember. */
static void hundreds_of_files_are_removed(void **state)
{
	const struct file_directory_limits three = {.count = 3};
	struct file_directory directory;
	char name[64];
	int left = 0;

	(void)state;
	open_directory(&three, &directory);
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "diag-web1-20260101-%06d.dz", i);
		make_file(name, directory.stream_id, 200, 1000 + (i * 7919) % 300);
	}
	prune(&directory, 1, 0);
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "diag-web1-20260101-%06d.dz", i);
		if (is_there(name))
			assert_true((i * 7919) % 300 >= 298), left++;
	}
	assert_int_equal(left, 2);
	file_directory_close(&directory);
}

static void a_name_with_a_slash_or_of_a_directory_means_one(void **state)
{
	(void)state;
	assert_true(file_directory_is_meant("new/"));
	assert_true(file_directory_is_meant("."));
	assert_false(file_directory_is_meant("new"));
	assert_false(file_directory_is_meant("trace.dz"));
	assert_false(file_directory_is_meant(""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, directory_enter, directory_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_made_from_host_and_time),
		TEST(the_stream_id_stays),
		TEST(a_damaged_stream_id_is_refused),
		TEST(the_oldest_own_files_are_removed),
		TEST(other_files_are_never_removed),
		TEST(a_file_that_is_being_written_counts_and_stays),
		TEST(the_limits_of_bytes_and_age_hold),
		TEST(hundreds_of_files_are_removed),
		TEST(a_name_with_a_slash_or_of_a_directory_means_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
