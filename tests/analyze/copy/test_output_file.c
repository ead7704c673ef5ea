/* tests/analyze/copy/test_output_file.c - analyze/copy/output_file.c */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/copy/output_file.h"
#include <dz/sink.h>

struct place {
	char directory[64];
	char path[128];
};

static struct place make_place(void)
{
	struct place place = {.directory = "/tmp/test_output_file.XXXXXX"};

	assert_non_null(mkdtemp(place.directory));
	snprintf(place.path, sizeof(place.path), "%s/out.dz", place.directory);
	return place;
}

static void remove_place(struct place *place)
{
	unlink(place->path);
	/* Fails if anything else was left there. */
	assert_int_equal(rmdir(place->directory), 0);
}

static void write_word(struct output_file *file, const char *word)
{
	struct dz_fd_stream stream = {.fd = file->fd};
	struct dz_sink sink = dz_fd_sink(&stream);
	char bytes[32];
	struct iovec pieces[2] = {{.iov_base = bytes, .iov_len = strlen(word)},
				  {.iov_base = bytes, .iov_len = 0}};

	assert_true(strlen(word) < sizeof(bytes));
	memcpy(bytes, word, strlen(word));
	assert_int_equal(sink.write(sink.context, pieces, 2), DZ_OK);
}

static void assert_holds(const char *path, const char *word)
{
	char bytes[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, bytes, sizeof(bytes) - 1), strlen(word));
	assert_string_equal(bytes, word);
	close(fd);
}

static void a_published_file_is_there_and_private(void **state)
{
	struct place place = make_place();
	struct output_file file;
	struct stat status;

	(void)state;
	assert_true(output_file_open("test", place.path, false, &file));
	write_word(&file, "whole");
	assert_true(output_file_publish("test", &file));
	assert_holds(place.path, "whole");
	assert_int_equal(stat(place.path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_false(output_file_open("test", place.path, false, &file));
	assert_holds(place.path, "whole");
	remove_place(&place);
}

static void a_discarded_file_is_gone_and_an_old_one_stays(void **state)
{
	struct place place = make_place();
	struct output_file file;

	(void)state;
	assert_true(output_file_open("test", place.path, false, &file));
	write_word(&file, "half");
	output_file_discard(&file);
	assert_int_equal(access(place.path, F_OK), -1);
	assert_true(output_file_open("test", place.path, false, &file));
	write_word(&file, "old");
	assert_true(output_file_publish("test", &file));
	assert_true(output_file_open("test", place.path, true, &file));
	write_word(&file, "half");
	assert_holds(place.path, "old");
	output_file_discard(&file);
	assert_holds(place.path, "old");
	assert_true(output_file_open("test", place.path, true, &file));
	write_word(&file, "new");
	assert_true(output_file_publish("test", &file));
	assert_holds(place.path, "new");
	remove_place(&place);
}

static void a_failed_write_is_remembered(void **state)
{
	struct dz_fd_stream stream = {.fd = open("/dev/full", O_WRONLY | O_CLOEXEC)};
	struct dz_sink sink = dz_fd_sink(&stream);
	char byte = 1;
	struct iovec piece = {.iov_base = &byte, .iov_len = 1};

	(void)state;
	assert_true(stream.fd >= 0);
	assert_int_equal(sink.write(sink.context, &piece, 1), DZ_IO);
	assert_int_equal(stream.error_number, ENOSPC);
	assert_int_equal(sink.write(sink.context, &piece, 1), DZ_IO);
	close(stream.fd);
}

static void what_is_in_the_way_is_left_alone(void **state)
{
	struct place place = make_place();
	struct output_file file;

	(void)state;
	assert_int_equal(symlink("elsewhere", place.path), 0);
	assert_false(output_file_open("test", place.path, true, &file));
	unlink(place.path);
	assert_int_equal(mkfifo(place.path, 0600), 0);
	assert_false(output_file_open("test", place.path, true, &file));
	assert_false(output_file_open("test", place.directory, true, &file));
	assert_false(output_file_open("test", "/tmp/", true, &file));
	assert_false(output_file_open("test", "/nonexistent/out.dz", true, &file));
	remove_place(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_published_file_is_there_and_private),
		cmocka_unit_test(a_discarded_file_is_gone_and_an_old_one_stays),
		cmocka_unit_test(a_failed_write_is_remembered),
		cmocka_unit_test(what_is_in_the_way_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
