/* tests/record/output/test_output_helper.c - record/output/output_helper.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/output/output_helper.h"
#include "tests/record/directory.h"
#include "tests/record/other_process.h"

static const struct output_helper_names names = {.output = "trace.dz"};

static void make_file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
}

static struct output_helper *start_with(const struct output_helper_names *settings)
{
	struct output_helper *maker = NULL;
	struct problem problem = {""};

	if (!output_helper_start(settings, &maker, &problem))
		fail_msg("%s", problem.text);
	return maker;
}

static struct output_helper *start(void)
{
	return start_with(&names);
}

static void count_first(struct output_helper *maker)
{
	struct problem problem = {""};

	if (!output_helper_count_first(maker, 0, &problem))
		fail_msg("%s", problem.text);
}

static bool is_there(const char *name)
{
	return access(name, F_OK) == 0;
}

static void await_answer(const struct output_helper *maker)
{
	for (int i = 0; i < 6000 && !output_helper_has_answer(maker); i++)
		(void)usleep(10000);
}

/* On a busy machine it can be late. */
static bool get_next(struct output_helper *maker, struct output *output, struct problem *problem)
{
	if (output_helper_next(maker, 0, output, problem))
		return true;
	if (!output_helper_is_late(maker))
		return false;
	await_answer(maker);
	return output_helper_next(maker, 0, output, problem);
}

static void expect_next(struct output_helper *maker, const char *name)
{
	struct output output;
	struct problem problem = {""};
	struct stat status;
	enum dz_status written;
	char text[] = "text";
	struct iovec piece = {.iov_base = text, .iov_len = 4};
	struct dz_sink sink;

	if (!get_next(maker, &output, &problem))
		fail_msg("%s", problem.text);
	assert_string_equal(output.file.path, name);
	sink = output_sink(&output);
	written = sink.write(sink.context, &piece, 1);
	assert_int_equal(written, DZ_OK);
	assert_true(output_publish(&output, &problem));
	assert_true(output_close(&output));
	assert_int_equal(stat(name, &status), 0);
	assert_int_equal(status.st_size, 4);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void files_get_the_first_name_that_is_free(void **state)
{
	struct output_helper *maker;

	(void)state;
	make_file("trace.dz");
	make_file("trace-3.dz");
	maker = start();
	expect_next(maker, "trace-2.dz");
	expect_next(maker, "trace-4.dz");
	assert_int_equal(rename("trace.dz", "moved.dz"), 0);
	expect_next(maker, "trace.dz");
	output_helper_end(maker);
}

static void ascending_names_are_not_used_twice(void **state)
{
	static const struct output_helper_names ascending = {.output = "trace.dz",
							     .ascending = true};
	struct output_helper *maker;

	(void)state;
	make_file("trace-3.dz");
	maker = start_with(&ascending);
	expect_next(maker, "trace-2.dz");
	expect_next(maker, "trace-4.dz");
	assert_int_equal(rename("trace-2.dz", "moved.dz"), 0);
	expect_next(maker, "trace-5.dz");
	output_helper_end(maker);
}

static const struct output_helper_names last_two = {
	.output = "trace.dz", .ascending = true, .kept_count = 2};

static void the_oldest_of_too_many_files_is_removed(void **state)
{
	struct output_helper *maker;

	(void)state;
	make_file("trace.dz");
	make_file("trace-4.dz");
	maker = start_with(&last_two);
	count_first(maker);
	expect_next(maker, "trace-2.dz");
	assert_true(is_there("trace.dz"));
	expect_next(maker, "trace-3.dz");
	assert_false(is_there("trace.dz"));
	expect_next(maker, "trace-5.dz");
	assert_false(is_there("trace-2.dz"));
	assert_true(is_there("trace-3.dz"));
	/* It belongs to another program. */
	expect_next(maker, "trace-6.dz");
	expect_next(maker, "trace-7.dz");
	assert_true(is_there("trace-4.dz"));
	output_helper_end(maker);
}

static void a_file_of_another_program_is_not_removed(void **state)
{
	struct output_helper *maker;

	(void)state;
	make_file("trace.dz");
	maker = start_with(&last_two);
	count_first(maker);
	expect_next(maker, "trace-2.dz");
	assert_int_equal(rename("trace.dz", "moved.dz"), 0);
	make_file("trace.dz");
	expect_next(maker, "trace-3.dz");
	assert_true(is_there("trace.dz"));
	assert_int_equal(rename("trace-2.dz", "moved-2.dz"), 0);
	assert_int_equal(symlink("moved-2.dz", "trace-2.dz"), 0);
	expect_next(maker, "trace-4.dz");
	assert_int_equal(unlink("trace-2.dz"), 0);
	assert_true(is_there("moved-2.dz"));
	output_helper_end(maker);
}

static void the_first_file_is_counted_once(void **state)
{
	struct output_helper *maker;

	(void)state;
	make_file("trace.dz");
	maker = start_with(&last_two);
	count_first(maker);
	assert_int_equal(rename("trace.dz", "moved.dz"), 0);
	make_file("trace.dz");
	count_first(maker);
	count_first(maker);
	expect_next(maker, "trace-2.dz");
	expect_next(maker, "trace-3.dz");
	expect_next(maker, "trace-4.dz");
	assert_true(is_there("trace.dz"));
	output_helper_end(maker);
}

static void a_first_file_that_is_not_counted_is_never_removed(void **state)
{
	struct output_helper *maker;

	(void)state;
	make_file("trace.dz");
	maker = start_with(&last_two);
	expect_next(maker, "trace-2.dz");
	expect_next(maker, "trace-3.dz");
	expect_next(maker, "trace-4.dz");
	assert_true(is_there("trace.dz"));
	assert_false(is_there("trace-2.dz"));
	output_helper_end(maker);
}

static void only_the_last_file_is_discarded(void **state)
{
	struct output_helper *maker = start();

	(void)state;
	expect_next(maker, "trace.dz");
	expect_next(maker, "trace-2.dz");
	output_helper_discard(maker);
	output_helper_discard(maker);
	assert_int_equal(access("trace.dz", F_OK), 0);
	assert_int_equal(access("trace-2.dz", F_OK), -1);
	output_helper_end(maker);
}

static void a_missing_directory_is_reported(void **state)
{
	const struct output_helper_names gone = {.output = "gone/trace.dz"};
	struct output_helper *maker = NULL;
	struct problem problem = {""};
	struct output output;

	(void)state;
	assert_true(output_helper_start(&gone, &maker, &problem));
	assert_false(output_helper_next(maker, 0, &output, &problem));
	assert_non_null(strstr(problem.text, "gone/trace.dz: cannot open its directory"));
	output_helper_end(maker);
}

static void only_the_own_socket_is_removed_for_control(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "control"};
	struct socket_place place;
	const struct output_helper_names settings = {.output = "trace.dz", .control = &place};
	struct output_helper *maker;
	struct problem problem;
	struct stat status;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_true(socket_place_open("control", &place, &problem));
	maker = start_with(&settings);
	make_file("control");
	assert_int_equal(stat("control", &status), 0);
	output_helper_remove_control(maker, status.st_ino);
	assert_int_equal(unlink("control"), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(stat("control", &status), 0);
	output_helper_remove_control(maker, status.st_ino + 1);
	assert_int_equal(access("control", F_OK), 0);
	output_helper_remove_control(maker, status.st_ino);
	assert_int_equal(access("control", F_OK), -1);
	assert_int_equal(close(fd), 0);
	output_helper_end(maker);
	socket_place_close(&place);
}

static void the_end_does_not_wait_for_a_command_that_has_not_begun(void **state)
{
	struct output_helper *maker = start();
	pid_t command = fork();

	(void)state;
	if (command == 0) {
		(void)alarm(60);
		(void)pause();
		_exit(0);
	}
	(void)alarm(20);
	output_helper_end(maker);
	(void)alarm(0);
	assert_int_equal(kill(command, SIGKILL), 0);
	assert_int_equal(waitpid(command, NULL, 0), command);
}

/* The only child of this process. */
static pid_t helper_pid(void)
{
	char path[64], text[64] = "";
	FILE *children;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	children = fopen(path, "re");
	assert_non_null(children);
	assert_non_null(fgets(text, sizeof(text), children));
	assert_int_equal(fclose(children), 0);
	return (pid_t)strtol(text, NULL, 10);
}

static void expect_late(struct output_helper *maker)
{
	struct problem problem = {""};
	struct output output;

	assert_false(output_helper_next(maker, 0, &output, &problem));
	assert_non_null(strstr(problem.text, "does not answer"));
	assert_true(output_helper_is_late(maker));
}

static void a_file_that_comes_late_is_taken_later(void **state)
{
	struct output_helper *maker = start();
	const pid_t pid = helper_pid();

	(void)state;
	assert_false(output_helper_is_late(maker));
	other_process_stop(pid);
	expect_late(maker);
	/* Without waiting again. */
	expect_late(maker);
	other_process_continue(pid);
	await_answer(maker);
	/* It is late until it is taken. */
	assert_true(output_helper_is_late(maker));
	expect_next(maker, "trace.dz");
	expect_next(maker, "trace-2.dz");
	output_helper_end(maker);
}

static void a_late_file_that_is_not_taken_is_removed(void **state)
{
	struct output_helper *maker = start();
	const pid_t pid = helper_pid();

	(void)state;
	other_process_stop(pid);
	expect_late(maker);
	other_process_continue(pid);
	await_answer(maker);
	/* It is late until it is taken. */
	assert_true(output_helper_is_late(maker));
	assert_true(is_there("trace.dz"));
	output_helper_end(maker);
	assert_false(is_there("trace.dz"));
}

static void end_accepts_null(void **state)
{
	(void)state;
	output_helper_end(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, directory_enter, directory_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_get_the_first_name_that_is_free),
		TEST(ascending_names_are_not_used_twice),
		TEST(the_oldest_of_too_many_files_is_removed),
		TEST(a_file_of_another_program_is_not_removed),
		TEST(the_first_file_is_counted_once),
		TEST(a_first_file_that_is_not_counted_is_never_removed),
		TEST(only_the_last_file_is_discarded),
		TEST(a_missing_directory_is_reported),
		TEST(only_the_own_socket_is_removed_for_control),
		TEST(the_end_does_not_wait_for_a_command_that_has_not_begun),
		TEST(a_file_that_comes_late_is_taken_later),
		TEST(a_late_file_that_is_not_taken_is_removed),
		TEST(end_accepts_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
