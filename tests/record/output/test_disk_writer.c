/* tests/record/output/test_disk_writer.c - record/output/disk_writer.c and disk_work.c */
#include "record/output/disk_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/output/disk_queue.h"
#include "record/output/output.h"
#include "tests/record/directory.h"

static struct disk_writer *start(void)
{
	struct disk_writer *writer = NULL;
	struct problem problem = {""};

	if (!disk_writer_start(&writer, &problem))
		fail_msg("%s", problem.text);
	return writer;
}

static void open_passed(struct disk_writer *writer, const char *name, struct output *output)
{
	struct problem problem = {""};

	assert_true(output_open(name, false, output, &problem));
	assert_true(output_pass_on(output, writer, &problem));
	assert_int_equal(output->file.fd, -1);
	assert_true(output_publish(output, &problem));
}

static enum dz_status append(struct output *output, const char *text)
{
	char copy[64];
	const struct iovec piece = {copy, strlen(text)};
	struct dz_sink sink = output_sink(output);

	(void)snprintf(copy, sizeof(copy), "%s", text);
	return sink.write(sink.context, &piece, 1);
}

static void assert_content(const char *name, const char *expected)
{
	char text[256] = "";
	FILE *file = fopen(name, "re");

	assert_non_null(file);
	(void)!fread(text, 1, sizeof(text) - 1, file);
	(void)fclose(file);
	assert_string_equal(text, expected);
}

static void finish(struct disk_writer *writer)
{
	while (disk_writer_finish(writer) != DISK_END_DONE)
		continue;
}

static void the_process_writes_what_is_added(void **state)
{
	struct disk_writer *writer = start();
	struct output first, second;

	(void)state;
	open_passed(writer, "first", &first);
	assert_int_equal(append(&first, "one "), DZ_OK);
	assert_true(output_begin_sync(&first));
	open_passed(writer, "second", &second);
	assert_int_equal(append(&second, "other"), DZ_OK);
	assert_int_equal(append(&first, "two"), DZ_OK);
	assert_true(output_sync(&first));
	assert_int_equal(append(&first, " end"), DZ_OK);
	assert_true(output_close(&first));
	assert_true(output_close(&second));
	finish(writer);
	assert_true(output_check(&first));
	assert_true(output_check(&second));
	assert_content("first", "one two end");
	assert_content("second", "other");
	assert_false(disk_writer_is_congested(writer));
	disk_writer_free(writer);
}

static void many_files_come_one_after_the_other(void **state)
{
	struct disk_writer *writer = start();
	char name[16];

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct output output;

		(void)snprintf(name, sizeof(name), "file-%d", i);
		open_passed(writer, name, &output);
		assert_int_equal(append(&output, name), DZ_OK);
		assert_true(output_close(&output));
		disk_writer_watch(writer);
	}
	finish(writer);
	for (int i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "file-%d", i);
		assert_content(name, name);
	}
	disk_writer_free(writer);
}

static void the_free_space_is_known(void **state)
{
	struct disk_writer *writer = start();
	struct output output;

	(void)state;
	open_passed(writer, "file", &output);
	assert_true(disk_writer_space(writer, output.number, UINT64_C(10000000000)) <= UINT64_MAX);
	finish(writer);
	assert_true(disk_writer_space(writer, output.number, UINT64_C(10000000000)) < UINT64_MAX);
	assert_true(output_close(&output));
	finish(writer);
	disk_writer_free(writer);
}

static uint64_t added(const struct disk_writer *writer)
{
	return disk_writer_waiting_bytes(writer);
}

/* The process is stopped, so that what it is asked for waits. */
static void the_free_space_is_asked_for_each_second_while_something_is_written(void **state)
{
	const uint64_t second = UINT64_C(1000000000), at = 100 * second;
	struct disk_writer *writer = start();
	struct output output;
	uint64_t waiting;

	(void)state;
	open_passed(writer, "file", &output);
	finish(writer);
	assert_int_equal(kill(disk_writer_pid(writer), SIGSTOP), 0);
	(void)disk_writer_space(writer, output.number, at);
	waiting = added(writer);
	assert_true(waiting > 0);
	(void)disk_writer_space(writer, output.number, at + 8 * second);
	assert_int_equal(added(writer), waiting);
	(void)disk_writer_space(writer, output.number, at + 10 * second);
	assert_true(added(writer) > waiting);
	assert_int_equal(append(&output, "more"), DZ_OK);
	waiting = added(writer);
	(void)disk_writer_space(writer, output.number, at + 11 * second);
	assert_true(added(writer) > waiting);
	assert_int_equal(kill(disk_writer_pid(writer), SIGCONT), 0);
	finish(writer);
	assert_true(output_close(&output));
	finish(writer);
	disk_writer_free(writer);
}

/* The recorder must look soon at an answer that it has not used, and at a sync under way. */
static void it_is_quiet_when_everything_was_done_and_seen(void **state)
{
	struct disk_writer *writer = start();
	struct output output;

	(void)state;
	open_passed(writer, "file", &output);
	assert_int_equal(append(&output, "text"), DZ_OK);
	finish(writer);
	assert_true(disk_writer_is_quiet(writer));
	(void)disk_writer_space(writer, output.number, UINT64_C(100000000000));
	finish(writer);
	assert_false(disk_writer_is_quiet(writer));
	(void)disk_writer_space(writer, output.number, UINT64_C(100000000001));
	assert_true(disk_writer_is_quiet(writer));
	assert_int_equal(kill(disk_writer_pid(writer), SIGSTOP), 0);
	assert_true(output_begin_sync(&output));
	assert_false(disk_writer_is_quiet(writer));
	assert_int_equal(kill(disk_writer_pid(writer), SIGCONT), 0);
	for (int i = 0; i < 10000 && !disk_writer_is_quiet(writer); i++)
		(void)usleep(1000);
	assert_true(disk_writer_is_quiet(writer));
	assert_true(output_close(&output));
	finish(writer);
	disk_writer_free(writer);
}

/* Only complete blocks stay, and nothing is written after them. */
static void a_failed_write_is_seen_later(void **state)
{
	const struct rlimit limit = {.rlim_cur = 10, .rlim_max = RLIM_INFINITY};
	struct rlimit before;
	struct disk_writer *writer;
	struct output output;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	writer = start();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	open_passed(writer, "file", &output);
	assert_int_equal(append(&output, "12345678"), DZ_OK);
	(void)append(&output, "abcdefgh");
	finish(writer);
	assert_false(output_check(&output));
	assert_int_equal(output.error, EFBIG);
	assert_int_equal(output.bytes, 8);
	assert_int_equal(append(&output, "x"), DZ_IO);
	assert_false(output_close(&output));
	finish(writer);
	assert_content("file", "12345678");
	disk_writer_free(writer);
}

/* Nothing is lost or there twice, whatever it was doing. */
static void check_without_process(int number)
{
	struct disk_writer *writer = start();
	struct output output, next;
	char expected[256] = "", text[16];
	size_t expected_bytes = 0;

	open_passed(writer, "file", &output);
	for (int i = 0; i < 20; i++) {
		(void)snprintf(text, sizeof(text), "%d,", i);
		expected_bytes += (size_t)snprintf(expected + expected_bytes,
						   sizeof(expected) - expected_bytes, "%s", text);
		assert_int_equal(append(&output, text), DZ_OK);
		if (i == 9)
			assert_int_equal(kill(disk_writer_pid(writer), number), 0);
		if (i == 14)
			open_passed(writer, "next", &next);
		disk_writer_watch(writer);
	}
	assert_true(output_sync(&output));
	assert_true(output_close(&output));
	assert_int_equal(append(&next, "next"), DZ_OK);
	assert_true(output_close(&next));
	finish(writer);
	assert_true(output_check(&next));
	assert_content("file", expected);
	assert_content("next", "next");
	(void)kill(disk_writer_pid(writer), SIGKILL);
	disk_writer_free(writer);
	assert_int_equal(unlink("file"), 0);
	assert_int_equal(unlink("next"), 0);
}

static void the_recorder_goes_on_without_the_process(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		check_without_process(SIGKILL);
		check_without_process(SIGSTOP);
	}
}

static void the_process_writes_what_a_killed_recorder_has_added(void **state)
{
	struct stat status;
	pid_t recorder = fork();

	(void)state;
	assert_true(recorder >= 0);
	if (recorder == 0) {
		struct disk_writer *writer = start();
		struct output output;

		open_passed(writer, "file", &output);
		for (int i = 0; i < 1000; i++)
			(void)append(&output, "0123456789");
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(recorder, NULL, 0), recorder);
	do {
		assert_int_equal(stat("file", &status), 0);
		usleep(1000);
	} while (status.st_size < 10000);
	assert_int_equal(status.st_size, 10000);
}

/* The disk is the process, which is stopped and its parent has seen that already. */
static void what_does_not_fit_is_refused_in_time(void **state)
{
	static char block[DISK_QUEUE_PIECE_BYTES];
	const struct iovec piece = {block, sizeof(block)};
	struct disk_writer *writer = start();
	struct output output;
	struct dz_sink sink;
	unsigned int blocks = 0;
	pid_t pid = disk_writer_pid(writer);

	(void)state;
	open_passed(writer, "file", &output);
	finish(writer);
	sink = output_sink(&output);
	assert_int_equal(kill(pid, SIGSTOP), 0);
	/* Takes the message that it is stopped. */
	assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
	while (!disk_writer_is_congested(writer) && blocks++ < 100)
		assert_int_equal(sink.write(sink.context, &piece, 1), DZ_OK);
	assert_in_range(blocks, 7, 10);
	while (sink.write(sink.context, &piece, 1) == DZ_OK && blocks < 100)
		blocks++;
	assert_in_range(blocks, 12, 17);
	assert_int_equal(output.error, ETIMEDOUT);
	assert_int_equal(disk_writer_finish(writer), DISK_END_NOT_WRITTEN);
	assert_true(disk_writer_waiting_bytes(writer) > 10 * sizeof(block));
	assert_int_equal(kill(pid, SIGCONT), 0);
	(void)output_close(&output);
	finish(writer);
	disk_writer_free(writer);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, directory_enter, directory_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_process_writes_what_is_added),
		TEST(many_files_come_one_after_the_other),
		TEST(the_free_space_is_known),
		TEST(the_free_space_is_asked_for_each_second_while_something_is_written),
		TEST(it_is_quiet_when_everything_was_done_and_seen),
		TEST(a_failed_write_is_seen_later),
		TEST(the_recorder_goes_on_without_the_process),
		TEST(the_process_writes_what_a_killed_recorder_has_added),
		TEST(what_does_not_fit_is_refused_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
