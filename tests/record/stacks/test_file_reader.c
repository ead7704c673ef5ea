/* tests/record/stacks/test_file_reader.c - record/stacks/file_reader.c and file_reader_process.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/stacks/file_reader.h"
#include "record/stacks/file_reader_process.h"
#include "tests/record/directory.h"
#include "tests/record/other_process.h"

/* Long enough for a busy machine. */
#define LONG_NS  UINT64_C(10000000000)
#define SHORT_NS UINT64_C(20000000)

#define MAPS_TEXT_MAX (64u << 10)

static const struct file_requester nobody = {.user = {.uid = FILE_USER_UNKNOWN}};

static struct file_reader *start(void)
{
	struct problem problem = {""};
	struct file_reader *reader = NULL;

	assert_true(file_reader_start(&reader, &problem));
	file_reader_set_wait(reader, LONG_NS);
	return reader;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int open_path(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void an_open_file_is_read_measured_and_copied(void **state)
{
	struct file_reader *reader = start();
	struct file_facts facts;
	char text[8] = "";
	int fd, copy;

	(void)state;
	write_file("file", "contents");
	fd = open_path("file");
	assert_int_equal(unlink("file"), 0);
	assert_int_equal(
		file_reader_read(reader, &nobody, fd, &(const struct file_part){3, text, 4}),
		SYMBOLS_OK);
	assert_string_equal(text, "tent");
	assert_int_equal(
		file_reader_read(reader, &nobody, fd, &(const struct file_part){5, text, 4}),
		SYMBOLS_CORRUPT);
	assert_int_equal(file_reader_measure(reader, &nobody, fd, &facts), SYMBOLS_OK);
	assert_int_equal(facts.size_bytes, 8);
	assert_int_equal(file_reader_copy(reader, &nobody, fd, 8, &copy), SYMBOLS_OK);
	assert_int_equal(pread(copy, text, 7, 1), 7);
	assert_string_equal(text, "ontents");
	(void)close(copy);
	assert_int_equal(file_reader_copy(reader, &nobody, fd, 7, &copy), SYMBOLS_LIMIT);
	(void)close(fd);
	file_reader_end(reader);
}

static void the_program_of_this_process_is_opened(void **state)
{
	struct file_reader *reader = start();
	struct mapping mapping = {.kind = MAPPING_FILE};
	struct file_identity identity = {.inode = 0};
	struct file_facts facts;
	struct stat status;
	char path[256] = "";
	char magic[4];
	int fd;

	(void)state;
	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	assert_int_equal(stat(path, &status), 0);
	identity.inode = status.st_ino;
	identity.device_major = major(status.st_dev);
	identity.device_minor = minor(status.st_dev);
	mapping.file = mapped_file_new(&identity, path, INT64_MAX);
	assert_non_null(mapping.file);
	assert_int_equal(file_reader_open(reader, getpid(), &mapping, &facts, &fd), SYMBOLS_OK);
	assert_true(facts.is_elf);
	assert_int_equal(facts.inode, status.st_ino);
	/* Elsewhere than on the mount of the root directory it cannot be read but through the
	 * reader. */
	assert_int_equal(pread(fd, magic, sizeof(magic), 0), facts.is_readable ? 4 : -1);
	assert_int_equal(
		file_reader_read(reader, &nobody, fd, &(const struct file_part){0, magic, 4}),
		SYMBOLS_OK);
	assert_memory_equal(magic, "\177ELF", 4);
	(void)close(fd);
	mapped_file_release(mapping.file);
	file_reader_end(reader);
}

/* Reads the mappings of a process with answers of that size. Returns the number of answers. */
static size_t read_maps(struct file_reader *reader, pid_t pid, size_t answer_bytes, char *text)
{
	const struct file_requester requester = {.user = file_reader_user_of(pid), .pid = pid};
	struct file_part part = {.buffer = text, .size_bytes = answer_bytes};
	struct file_text file;
	size_t answers = 1, got, done;

	assert_int_equal(file_reader_open_maps(reader, &requester, &part, &file), SYMBOLS_OK);
	assert_int_equal(file.stat.threads, 1);
	done = file.size_bytes;
	for (got = done; file.fd >= 0 && got > 0; answers++) {
		assert_true(done + answer_bytes < MAPS_TEXT_MAX);
		part.buffer = text + done;
		assert_int_equal(file_reader_read_text(reader, &requester, file.fd, &part, &got),
				 SYMBOLS_OK);
		done += got;
	}
	if (file.fd >= 0)
		(void)close(file.fd);
	text[done] = '\0';
	return answers;
}

static void mappings_are_read_in_one_answer_or_several(void **state)
{
	static char whole[MAPS_TEXT_MAX], pieces[MAPS_TEXT_MAX];
	struct file_reader *reader = start();
	const pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		for (;;)
			pause();
	}
	assert_int_equal(read_maps(reader, child, MAPS_TEXT_MAX / 2, whole), 1);
	assert_non_null(strstr(whole, "[stack]"));
	assert_int_equal(whole[strlen(whole) - 1], '\n');
	assert_true(read_maps(reader, child, 512, pieces) > 2);
	assert_string_equal(pieces, whole);
	other_process_kill(child);
	file_reader_end(reader);
}

static void only_what_has_memory_has_mappings(void **state)
{
	struct file_user user;
	const struct file_user own = file_reader_user_of(getpid());
	char name[16] = "";
	const pid_t child = fork();
	siginfo_t info;
	FILE *file;

	(void)state;
	assert_true(child >= 0);
	if (child == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	assert_false(file_reader_has_memory(child, &user));
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(file_reader_has_memory(child, &user));
	assert_false(file_reader_has_memory(0, &user));
	assert_true(file_reader_has_memory(getpid(), &user));
	assert_int_equal(user.uid, getuid());
	assert_int_equal(user.uid, own.uid);
	assert_int_equal(user.pid_namespace, own.pid_namespace);
	file = fopen("/proc/2/comm", "re");
	if (file && fgets(name, sizeof(name), file) && strcmp(name, "kthreadd\n") == 0)
		assert_false(file_reader_has_memory(2, &user));
	if (file)
		assert_int_equal(fclose(file), 0);
}

static void a_reader_that_is_killed_is_replaced(void **state)
{
	struct file_reader *reader = start();
	struct file_reader_statistics statistics;
	char byte;
	int fd;

	(void)state;
	write_file("file", "contents");
	fd = open_path("file");
	assert_int_equal(
		file_reader_read(reader, &nobody, fd, &(const struct file_part){0, &byte, 1}),
		SYMBOLS_OK);
	other_process_kill(reader_process());
	assert_int_equal(
		file_reader_read(reader, &nobody, fd, &(const struct file_part){0, &byte, 1}),
		SYMBOLS_OK);
	file_reader_get_statistics(reader, &statistics);
	assert_int_equal(statistics.lost, 1);
	assert_int_equal(statistics.timeouts, 0);
	(void)close(fd);
	file_reader_end(reader);
}

static enum symbols_status read_on(struct file_reader *reader, int fd, uint32_t device)
{
	const struct file_requester requester = {.user = {.uid = 12345}, .device_major = device};
	char byte;

	return file_reader_read(reader, &requester, fd, &(const struct file_part){0, &byte, 1});
}

static void wait_until_read(struct file_reader *reader, int fd, uint32_t device)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	enum symbols_status status = SYMBOLS_TIMEOUT;

	for (int i = 0; i < 1000 && status != SYMBOLS_OK; i++) {
		(void)nanosleep(&pause, NULL);
		status = read_on(reader, fd, device);
	}
	assert_int_equal(status, SYMBOLS_OK);
}

/* Stopped readers do not answer, as if a file system did not. */
static void a_user_cannot_hold_up_more_than_two_readers(void **state)
{
	struct file_reader *reader = start();
	struct file_reader_statistics statistics;
	pid_t stopped[2];
	int fd;

	(void)state;
	write_file("file", "contents");
	fd = open_path("file");
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(read_on(reader, fd, 100), SYMBOLS_OK);
		stopped[i] = reader_process();
		other_process_stop(stopped[i]);
		file_reader_set_wait(reader, SHORT_NS);
		assert_int_equal(read_on(reader, fd, 7 + i), SYMBOLS_TIMEOUT);
		file_reader_set_wait(reader, LONG_NS);
		/* This one does not wait. */
		assert_int_equal(read_on(reader, fd, 7 + i), SYMBOLS_TIMEOUT);
	}
	assert_int_equal(read_on(reader, fd, 100), SYMBOLS_TIMEOUT);
	file_reader_get_statistics(reader, &statistics);
	assert_int_equal(statistics.timeouts, 2);
	assert_int_equal(statistics.refused, 3);
	/* They end when they can, and their devices are read again. */
	other_process_continue(stopped[0]);
	wait_until_read(reader, fd, 100);
	other_process_continue(stopped[1]);
	wait_until_read(reader, fd, 8);
	(void)close(fd);
	file_reader_end(reader);
}

/* An ordinary user can make pid namespaces, and must not hold up all readers with them. */
static void a_user_cannot_hold_up_all_readers_with_pid_namespaces(void **state)
{
	struct file_requester requester = {.user = {.uid = 12345}};
	struct file_reader *reader = start();
	struct file_reader_statistics statistics;
	char byte;
	int fd;

	(void)state;
	write_file("file", "contents");
	fd = open_path("file");
	for (uint32_t i = 0; i < FILE_READER_HUNG_MAX; i++) {
		const uint64_t pid_namespace = i / FILE_READER_HUNG_MAX_USER + 1;
		pid_t stopped;

		requester.user.pid_namespace = pid_namespace;
		requester.device_major = 100 + i;
		/* root is not held up meanwhile, and has a reader. */
		assert_int_equal(file_reader_read(reader, &(struct file_requester){.user = {0, 0}},
						  fd, &(const struct file_part){0, &byte, 1}),
				 SYMBOLS_OK);
		stopped = reader_process();
		other_process_stop(stopped);
		file_reader_set_wait(reader, SHORT_NS);
		assert_int_equal(file_reader_read(reader, &requester, fd,
						  &(const struct file_part){0, &byte, 1}),
				 SYMBOLS_TIMEOUT);
		file_reader_set_wait(reader, LONG_NS);
		if (i >= FILE_READER_HUNG_MAX_UID)
			other_process_continue(stopped);
	}
	file_reader_get_statistics(reader, &statistics);
	assert_int_equal(statistics.timeouts, FILE_READER_HUNG_MAX_UID);
	assert_int_equal(statistics.refused, FILE_READER_HUNG_MAX - FILE_READER_HUNG_MAX_UID);
	(void)close(fd);
	file_reader_end(reader);
}

static void command_lines_are_read(void **state)
{
	struct file_reader *reader = start();
	uint8_t bytes[64];
	const struct file_part part = {.buffer = bytes, .size_bytes = sizeof(bytes)};
	struct proc_stat stat;
	size_t size_bytes;

	(void)state;
	assert_int_equal(file_reader_read_command_line(reader, getpid(), &part, &stat, &size_bytes),
			 SYMBOLS_OK);
	assert_true(size_bytes > 0 && size_bytes <= sizeof(bytes));
	assert_int_equal(stat.threads, 1);
	assert_int_equal(stat.start_ns, proc_stat_round(stat.start_ns));
	assert_int_equal(
		file_reader_read_command_line(reader, 0x7fffffff, &part, &stat, &size_bytes),
		SYMBOLS_NOT_FOUND);
	file_reader_end(reader);
}

static void requests_that_are_not_valid_are_refused(void **state)
{
	static uint8_t bytes[FILE_READER_CHUNK_BYTES];
	static struct file_request request;
	struct file_answer answer;

	(void)state;
	request.kind = FILE_REQUEST_COUNT;
	assert_int_equal(file_reader_process_answer(&request, sizeof(request), -1, &answer, bytes),
			 -1);
	assert_int_equal(answer.status, SYMBOLS_CORRUPT);
	request.kind = FILE_REQUEST_READ;
	assert_int_equal(file_reader_process_answer(&request, sizeof(request), -1, &answer, bytes),
			 -1);
	assert_int_equal(answer.status, SYMBOLS_CORRUPT);
	assert_int_equal(file_reader_process_answer(&request, 3, -1, &answer, bytes), -1);
	assert_int_equal(answer.status, SYMBOLS_CORRUPT);
	request.kind = FILE_REQUEST_OPEN;
	memset(request.path, 'x', sizeof(request.path));
	assert_int_equal(file_reader_process_answer(&request,
						    offsetof(struct file_request, path) +
							    sizeof(request.path),
						    -1, &answer, bytes),
			 -1);
	assert_int_equal(answer.status, SYMBOLS_CORRUPT);
}

static void count_task(void *context, bool is_cancelled)
{
	int *counts = context;

	counts[is_cancelled]++;
}

static void tasks_are_run_or_cancelled(void **state)
{
	struct file_reader *reader = start();
	int counts[2] = {0, 0};
	const struct file_task task = {.run = count_task, .context = counts};

	(void)state;
	assert_false(file_reader_submit(reader, &task));
	assert_true(file_reader_start_thread(reader, NULL));
	for (int i = 0; i < 100; i++)
		assert_true(file_reader_submit(reader, &task));
	file_reader_stop_thread(reader);
	assert_int_equal(counts[0] + counts[1], 100);
	assert_false(file_reader_submit(reader, &task));
	file_reader_end(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, directory_enter, directory_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_open_file_is_read_measured_and_copied),
		TEST(the_program_of_this_process_is_opened),
		TEST(mappings_are_read_in_one_answer_or_several),
		TEST(only_what_has_memory_has_mappings),
		TEST(a_reader_that_is_killed_is_replaced),
		TEST(a_user_cannot_hold_up_more_than_two_readers),
		TEST(a_user_cannot_hold_up_all_readers_with_pid_namespaces),
		TEST(command_lines_are_read),
		TEST(requests_that_are_not_valid_are_refused),
		TEST(tasks_are_run_or_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
