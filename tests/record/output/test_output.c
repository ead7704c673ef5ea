/* tests/record/output/test_output.c - record/output/output.c */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/output/output.h"
#include "tests/record/directory.h"

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void assert_content(const char *path, const char *expected)
{
	char text[64] = "";
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, file), strlen(expected));
	(void)fclose(file);
	assert_string_equal(text, expected);
}

static enum dz_status append(struct output *output, const char *left, const char *right)
{
	char copies[2][16];
	struct iovec pieces[2];
	struct dz_sink sink = output_sink(output);

	(void)snprintf(copies[0], sizeof(copies[0]), "%s", left);
	(void)snprintf(copies[1], sizeof(copies[1]), "%s", right);
	for (int i = 0; i < 2; i++)
		pieces[i] = (struct iovec){copies[i], strlen(copies[i])};
	return sink.write(sink.context, pieces, 2);
}

static void open_trace(bool force, struct output *ret_output)
{
	struct problem problem = {""};

	assert_true(output_open("trace.dz", force, ret_output, &problem));
}

static void publish(struct output *output)
{
	struct problem problem = {""};

	assert_true(output_publish(output, &problem));
}

static void assert_refused(const char *path, bool force, const char *says)
{
	struct output output;
	struct problem problem = {""};

	assert_false(output_open(path, force, &output, &problem));
	if (!strstr(problem.text, says))
		fail_msg("'%s' does not say '%s'", problem.text, says);
}

static void pieces_are_appended_and_counted(void **state)
{
	struct output output;

	(void)state;
	open_trace(false, &output);
	publish(&output);
	assert_int_equal(append(&output, "one ", "two "), DZ_OK);
	assert_int_equal(append(&output, "", "three"), DZ_OK);
	assert_int_equal(output.bytes, strlen("one two three"));
	assert_true(output_sync(&output));
	assert_true(output_close(&output));
	assert_content("trace.dz", "one two three");
}

static void only_the_owner_may_read_whatever_the_umask(void **state)
{
	static const mode_t masks[] = {0, 022, 077, 0777};
	struct output output;
	struct problem problem = {""};
	struct stat status;

	(void)state;
	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		mode_t before = umask(masks[i]);
		bool opened = output_open("trace.dz", false, &output, &problem);

		(void)umask(before);
		assert_true(opened);
		assert_int_equal(stat("trace.dz", &status), 0);
		assert_int_equal(status.st_mode & 07777, 0600);
		output_discard(&output);
	}
}

static void what_has_the_name_is_reported_and_unchanged(void **state)
{
	(void)state;
	write_file("file", "kept");
	assert_int_equal(mkdir("directory", 0700), 0);
	assert_int_equal(symlink("file", "link"), 0);
	assert_int_equal(symlink("nothing", "dangling"), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_refused("file", false, "already exists");
	for (int force = 0; force <= 1; force++) {
		assert_refused("directory", force, "is a directory");
		assert_refused("directory/", force, "is a directory");
		assert_refused("link", force, "is a symbolic link");
		assert_refused("dangling", force, "is a symbolic link");
		assert_refused("fifo", force, "not a regular file");
		assert_refused("missing/trace.dz", force, "No such file");
	}
	assert_content("file", "kept");
	assert_int_equal(access("nothing", F_OK), -1);
}

static void force_replaces_a_file_only_once_it_is_published(void **state)
{
	struct output output;

	(void)state;
	write_file("trace.dz", "old");
	open_trace(true, &output);
	assert_int_equal(append(&output, "n", "ew"), DZ_OK);
	assert_content("trace.dz", "old");
	publish(&output);
	assert_content("trace.dz", "new");
	assert_true(output_close(&output));
}

static void a_file_that_is_being_written_is_not_replaced(void **state)
{
	struct output first, second;
	struct problem problem = {""};

	(void)state;
	open_trace(true, &second);
	open_trace(false, &first);
	assert_int_equal(append(&first, "first", ""), DZ_OK);
	assert_false(output_publish(&second, &problem));
	assert_non_null(strstr(problem.text, "trace.dz: another diag-record is writing it"));
	output_discard(&second);
	assert_refused("trace.dz", true, "another diag-record is writing it");
	assert_refused("trace.dz", false, "another diag-record is writing it");
	assert_true(output_close(&first));
	assert_content("trace.dz", "first");
	open_trace(true, &second);
	publish(&second);
	assert_true(output_close(&second));
	assert_content("trace.dz", "");
}

static void a_discarded_file_leaves_nothing_behind(void **state)
{
	struct output output;

	(void)state;
	write_file("trace.dz", "old");
	open_trace(true, &output);
	output_discard(&output);
	assert_content("trace.dz", "old");
	assert_int_equal(unlink("trace.dz"), 0);
	open_trace(false, &output);
	output_discard(&output);
	/* The directory is empty again. */
	assert_int_equal(rmdir("."), -1);
	assert_int_equal(access("trace.dz", F_OK), -1);
}

static void a_file_that_replaced_a_discarded_one_stays(void **state)
{
	struct output output;

	(void)state;
	open_trace(false, &output);
	assert_int_equal(rename("trace.dz", "moved.dz"), 0);
	write_file("trace.dz", "of another program");
	output_discard(&output);
	assert_content("trace.dz", "of another program");
}

/* A limit of the file size simulates a full disk. */
static void after_a_failed_write_only_whole_blocks_are_left(void **state)
{
	const struct rlimit small = {10, RLIM_INFINITY};
	struct rlimit before;
	struct output output;
	struct problem problem = {""};

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	open_trace(false, &output);
	assert_int_equal(append(&output, "block", "1"), DZ_OK);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(append(&output, "block2", "rest"), DZ_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(output.error, EFBIG);
	assert_int_equal(append(&output, "more", ""), DZ_IO);
	assert_false(output_sync(&output));
	assert_false(output_problem(&output, &problem));
	assert_string_equal(problem.text, "trace.dz: cannot write: File too large: recording "
					  "ended after 6 bytes");
	assert_false(output_close(&output));
	assert_content("trace.dz", "block1");
}

static void a_name_that_is_too_long_is_refused(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_refused(name, false, "too long");
}

/* Fewest replacements of the name, and fewest opens. */
#define SWAPS 10000u

struct race {
	atomic_uint swaps;
	atomic_bool is_over;
};

/* Runs in another process. Changes what has the name again and again: nothing, links to a file that
 * must not change, a dangling link, a pipe. */
static void replace_name_repeatedly(struct race *race)
{
	while (!atomic_load(&race->is_over)) {
		bool made = false;

		switch (atomic_load(&race->swaps) % 8) {
		case 0:
			made = symlink("victim", "swapped") == 0;
			break;
		case 2:
			made = link("victim", "swapped") == 0;
			break;
		case 4:
			made = symlink("nothing", "swapped") == 0;
			break;
		case 6:
			made = mkfifo("swapped", 0600) == 0;
			break;
		default:
			(void)unlink("trace.dz");
			break;
		}
		if (made)
			(void)rename("swapped", "trace.dz");
		(void)unlink("swapped");
		atomic_fetch_add(&race->swaps, 1);
	}
}

static void assert_is_new_file(int fd, const char *victim)
{
	struct stat own, other;

	assert_int_equal(fstat(fd, &own), 0);
	assert_int_equal(stat(victim, &other), 0);
	assert_true(S_ISREG(own.st_mode));
	assert_int_not_equal(own.st_ino, other.st_ino);
}

/* Returns whether the file could be created. */
static bool write_through_the_race(bool force)
{
	struct output output;
	struct problem problem = {""};

	if (!output_open("trace.dz", force, &output, &problem)) {
		assert_string_not_equal(problem.text, "");
		return false;
	}
	assert_is_new_file(output.file.fd, "victim");
	assert_int_equal(append(&output, "events", ""), DZ_OK);
	if (output_publish(&output, &problem)) {
		assert_true(output_close(&output));
		return true;
	}
	output_discard(&output);
	return false;
}

static void what_takes_the_name_meanwhile_is_not_written_to(void **state)
{
	struct race *race = mmap(NULL, sizeof(*race), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int made = 0, refused = 0;
	pid_t swapper;

	(void)state;
	assert_ptr_not_equal(race, MAP_FAILED);
	write_file("victim", "precious");
	swapper = fork();
	if (swapper == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		replace_name_repeatedly(race);
		_exit(0);
	}
	assert_true(swapper > 0);
	while (atomic_load(&race->swaps) < SWAPS || made + refused < SWAPS || made == 0 ||
	       refused == 0) {
		if (write_through_the_race((made + refused) % 2 == 1))
			made++;
		else
			refused++;
	}
	atomic_store(&race->is_over, true);
	assert_int_equal(waitpid(swapper, NULL, 0), swapper);
	print_message("%u swaps: made %u times, refused %u times\n", race->swaps, made, refused);
	assert_content("victim", "precious");
	assert_int_equal(access("nothing", F_OK), -1);
	(void)munmap(race, sizeof(*race));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, directory_enter, directory_leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pieces_are_appended_and_counted),
		TEST(only_the_owner_may_read_whatever_the_umask),
		TEST(what_has_the_name_is_reported_and_unchanged),
		TEST(force_replaces_a_file_only_once_it_is_published),
		TEST(a_file_that_is_being_written_is_not_replaced),
		TEST(a_discarded_file_leaves_nothing_behind),
		TEST(a_file_that_replaced_a_discarded_one_stays),
		TEST(after_a_failed_write_only_whole_blocks_are_left),
		TEST(a_name_that_is_too_long_is_refused),
		TEST(what_takes_the_name_meanwhile_is_not_written_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
