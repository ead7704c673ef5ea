/* tests/record/convert/test_command_lines.c - command lines, from records or from /proc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "record/convert/command_lines.h"
#include "record/stacks/proc_stat.h"
#include "tests/record/directory.h"
#include "tests/record/other_process.h"

/* Long enough for a busy machine. */
#define LONG_NS  UINT64_C(20000000000)
#define SHORT_NS UINT64_C(20000000)

#define PID         7
#define FIXED_BYTES (sizeof(struct event_command_line) - COMMAND_LINE_BYTES)

static const char comm[EVENT_COMM_BYTES] = "program";
static const char other_comm[EVENT_COMM_BYTES] = "other";

static struct command_lines *lines;

static int begin(void **state)
{
	lines = command_lines_new(".");
	return lines ? directory_enter(state) : -1;
}

static int end(void **state)
{
	command_lines_free(lines);
	return directory_leave(state);
}

static uint64_t ns_of_ticks(unsigned int ticks)
{
	return (uint64_t)ticks * (1000000000u / (uint64_t)sysconf(_SC_CLK_TCK)) + 5;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* A process in the test's /proc, started `start_ticks` after boot. */
static void make_process(unsigned int start_ticks, const char *arguments, size_t size)
{
	char stat[256];
	int length = snprintf(stat, sizeof(stat),
			      "7 (a ) 9 (b) R 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %u 1 2\n",
			      start_ticks);

	(void)mkdir("7", 0700);
	write_file("7/stat", stat, (size_t)length);
	write_file("7/cmdline", arguments, size);
}

static const char *find(uint64_t start_ns, const char *name)
{
	const struct command_line_owner owner = {start_ns, PID, name};

	return command_lines_find(lines, &owner);
}

static void learn(uint64_t start_ns, const char *arguments, size_t size, bool is_truncated)
{
	struct event_command_line record = {
		.header = {.kind = EVENT_COMMAND_LINE},
		.process_start_ns = start_ns,
		.pid = PID,
		.is_truncated = is_truncated,
	};

	memcpy(record.text, arguments, size);
	assert_true(command_lines_learn(lines, &record, FIXED_BYTES + size));
}

static void a_running_process_has_the_arguments_of_proc(void **state)
{
	(void)state;
	make_process(100, "rm\0-f\0a b\0", 10);
	assert_string_equal(find(ns_of_ticks(100), comm), "rm -f a b");
}

static void proc_is_read_once_for_each_name(void **state)
{
	(void)state;
	make_process(100, "sh\0", 3);
	assert_string_equal(find(ns_of_ticks(100), comm), "sh");
	make_process(100, "rm\0", 3);
	assert_string_equal(find(ns_of_ticks(100), comm), "sh");
	assert_string_equal(find(ns_of_ticks(100), other_comm), "rm");
}

static void another_process_with_the_same_number_is_not_used(void **state)
{
	(void)state;
	make_process(101, "rm\0", 3);
	assert_null(find(ns_of_ticks(100), comm));
	assert_string_equal(find(ns_of_ticks(101), comm), "rm");
}

static void a_process_that_is_gone_or_has_no_arguments_has_none(void **state)
{
	(void)state;
	assert_null(find(ns_of_ticks(100), comm));
	make_process(102, "", 0);
	assert_null(find(ns_of_ticks(102), comm));
	make_process(103, "\0\0", 2);
	assert_null(find(ns_of_ticks(103), comm));
}

static void the_last_record_of_a_process_counts(void **state)
{
	(void)state;
	make_process(100, "sh\0", 3);
	assert_string_equal(find(ns_of_ticks(100), comm), "sh");
	learn(ns_of_ticks(100), "rm\0-r\0", 6, false);
	assert_string_equal(find(ns_of_ticks(100), comm), "rm -r");
	assert_string_equal(find(ns_of_ticks(100), comm), "rm -r");
	assert_string_equal(find(ns_of_ticks(100), other_comm), "sh");
}

static void learn_at(uint64_t time_ns, const char *text)
{
	struct event_command_line record = {
		.header = {.kind = EVENT_COMMAND_LINE, .time_ns = time_ns},
		.process_start_ns = ns_of_ticks(100),
		.pid = PID,
	};

	memcpy(record.text, text, strlen(text));
	assert_true(command_lines_learn(lines, &record, FIXED_BYTES + strlen(text)));
}

static const char *find_at(uint64_t time_ns)
{
	command_lines_set_time(lines, time_ns);
	return find(ns_of_ticks(100), comm);
}

static void an_event_has_the_arguments_of_its_time(void **state)
{
	(void)state;
	learn_at(1000, "sh");
	assert_string_equal(find_at(1500), "sh");
	learn_at(2000, "sleep");
	assert_string_equal(find_at(1500), "sh");
	assert_string_equal(find_at(2000), "sleep");
}

static void records_of_two_rings_may_come_in_any_order(void **state)
{
	(void)state;
	learn_at(2000, "sleep");
	learn_at(1000, "sh");
	assert_string_equal(find_at(1500), "sh");
	assert_string_equal(find_at(2500), "sleep");
}

static void a_long_command_line_is_marked_as_truncated(void **state)
{
	char arguments[2 * COMMAND_LINE_BYTES];
	const char *text;

	(void)state;
	memset(arguments, 'x', sizeof(arguments));
	make_process(100, arguments, sizeof(arguments));
	text = find(ns_of_ticks(100), comm);
	assert_int_equal(strlen(text), COMMAND_LINE_BYTES + 4);
	assert_string_equal(text + COMMAND_LINE_BYTES - 1, "x ...");
	learn(ns_of_ticks(100), "x", 1, true);
	assert_string_equal(find(ns_of_ticks(100), comm), "x ...");
	make_process(200, arguments, COMMAND_LINE_BYTES);
	assert_int_equal(strlen(find(ns_of_ticks(200), comm)), COMMAND_LINE_BYTES);
}

static void a_record_of_another_size_is_invalid(void **state)
{
	struct event_command_line record[2] = {{.pid = PID}};

	(void)state;
	assert_false(command_lines_learn(lines, record, FIXED_BYTES - 1));
	assert_false(command_lines_learn(lines, record, sizeof(record[0]) + 1));
	assert_true(command_lines_learn(lines, record, FIXED_BYTES));
	assert_null(find(0, comm));
}

static void wait_for_answers(struct command_lines *kept)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	while (!command_lines_are_answered(kept, command_lines_requested(kept)))
		(void)nanosleep(&pause, NULL);
}

/* Of this process: an answer comes later, and each request is answered. */
static void a_helper_process_reads_them_without_a_wait(void **state)
{
	const struct command_line_owner gone = {5, 0x7fffffff, comm};
	struct command_line_owner own = {.pid = (uint32_t)getpid(), .comm = comm};
	struct command_lines *kept = command_lines_new("/proc");
	struct file_reader *reader;
	struct problem problem;
	struct proc_stat stat;
	int directory = proc_stat_open_directory(own.pid);

	(void)state;
	assert_true(proc_stat_read(directory, &stat));
	assert_int_equal(close(directory), 0);
	own.process_start_ns = stat.start_ns;
	assert_true(file_reader_start(&reader, &problem));
	file_reader_set_wait(reader, LONG_NS);
	command_lines_use_reader(kept, reader);
	/* Without its thread nothing is read. */
	assert_null(command_lines_find(kept, &own));
	assert_int_equal(command_lines_requested(kept), 0);
	assert_true(file_reader_start_thread(reader, NULL));
	own.comm = other_comm;
	command_lines_request(kept, &own);
	command_lines_request(kept, &own);
	command_lines_request(kept, &gone);
	assert_int_equal(command_lines_requested(kept), 2);
	wait_for_answers(kept);
	assert_non_null(
		strstr(command_lines_find(kept, &own), "test_record_convert_command_lines"));
	assert_null(command_lines_find(kept, &gone));
	assert_int_equal(command_lines_unknown(kept), 0);
	file_reader_stop_thread(reader);
	/* What is cancelled is answered, too. */
	own.comm = comm;
	assert_null(command_lines_find(kept, &own));
	assert_true(command_lines_are_answered(kept, command_lines_requested(kept)));
	command_lines_free(kept);
	file_reader_end(reader);
}

/* A helper process that is late is asked again at the next events, but not for ever. */
static void one_that_is_late_is_asked_again(void **state)
{
	const struct command_line_owner own = {5, (uint32_t)getpid(), comm};
	const struct command_line_owner gone = {5, 0x7fffffff, comm};
	struct command_lines *kept = command_lines_new("/proc");
	struct file_reader *reader;
	struct problem problem;
	pid_t stopped;

	(void)state;
	assert_true(file_reader_start(&reader, &problem));
	file_reader_set_wait(reader, LONG_NS);
	command_lines_use_reader(kept, reader);
	assert_true(file_reader_start_thread(reader, NULL));
	/* The first request starts the process. */
	command_lines_request(kept, &gone);
	wait_for_answers(kept);
	stopped = reader_process();
	other_process_stop(stopped);
	file_reader_set_wait(reader, SHORT_NS);
	for (int i = 0; i < 5; i++) {
		assert_null(command_lines_find(kept, &own));
		assert_int_equal(command_lines_requested(kept), 1 + (i < 3 ? i + 1 : 3));
		wait_for_answers(kept);
	}
	assert_int_equal(command_lines_unknown(kept), 3);
	other_process_continue(stopped);
	file_reader_stop_thread(reader);
	command_lines_free(kept);
	file_reader_end(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_running_process_has_the_arguments_of_proc, begin,
						end),
		cmocka_unit_test(a_helper_process_reads_them_without_a_wait),
		cmocka_unit_test(one_that_is_late_is_asked_again),
		cmocka_unit_test_setup_teardown(proc_is_read_once_for_each_name, begin, end),
		cmocka_unit_test_setup_teardown(another_process_with_the_same_number_is_not_used,
						begin, end),
		cmocka_unit_test_setup_teardown(a_process_that_is_gone_or_has_no_arguments_has_none,
						begin, end),
		cmocka_unit_test_setup_teardown(the_last_record_of_a_process_counts, begin, end),
		cmocka_unit_test_setup_teardown(an_event_has_the_arguments_of_its_time, begin, end),
		cmocka_unit_test_setup_teardown(records_of_two_rings_may_come_in_any_order, begin,
						end),
		cmocka_unit_test_setup_teardown(a_long_command_line_is_marked_as_truncated, begin,
						end),
		cmocka_unit_test_setup_teardown(a_record_of_another_size_is_invalid, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
