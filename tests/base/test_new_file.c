/* tests/base/test_new_file.c - base/new_file.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/new_file.h"

struct place {
	char directory[64];
	char path[128];
	char other[128];
};

static const struct new_file_options plain;
static const struct new_file_options replacing = {.replace = true};

static struct place make_place(void)
{
	struct place place = {.directory = "/tmp/test_new_file.XXXXXX"};

	assert_non_null(mkdtemp(place.directory));
	snprintf(place.path, sizeof(place.path), "%s/out", place.directory);
	snprintf(place.other, sizeof(place.other), "%s/other", place.directory);
	return place;
}

/* Fails if it contains any other file. */
static void remove_place(const struct place *place)
{
	unlink(place->path);
	unlink(place->other);
	assert_int_equal(rmdir(place->directory), 0);
}

static size_t count_names(const struct place *place)
{
	DIR *stream = opendir(place->directory);
	const struct dirent *entry;
	size_t count = 0;

	assert_non_null(stream);
	/* cppcheck-suppress readdirCalled ; no other thread has this directory stream */
	while ((entry = readdir(stream)) != NULL)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(stream);
	return count;
}

static void write_file(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, word, strlen(word)), strlen(word));
	close(fd);
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

static void open_file(const char *path, const struct new_file_options *options,
		      struct new_file *file, const char *word)
{
	struct problem problem = {.text = ""};

	if (!new_file_open(path, options, file, &problem))
		fail_msg("%s", problem.text);
	assert_int_equal(write(file->fd, word, strlen(word)), strlen(word));
}

static void publish(struct new_file *file)
{
	struct problem problem = {.text = ""};

	if (!new_file_publish(file, &problem))
		fail_msg("%s", problem.text);
	assert_true(new_file_close(file));
}

static void assert_refused(const char *path, const struct new_file_options *options,
			   const char *reason)
{
	struct problem problem = {.text = ""};
	struct new_file file;

	assert_false(new_file_open(path, options, &file, &problem));
	if (!strstr(problem.text, reason))
		fail_msg("\"%s\" lacks \"%s\"", problem.text, reason);
	assert_int_equal(file.fd, -1);
	assert_int_equal(file.directory_fd, -1);
	assert_true(new_file_close(&file));
}

static void the_name_appears_when_the_file_is_published(void **state)
{
	struct place place = make_place();
	struct new_file file;

	(void)state;
	open_file(place.path, &plain, &file, "whole");
	assert_false(file.replaces);
	assert_string_equal(file.path, place.path);
	assert_int_equal(access(place.path, F_OK), -1);
	publish(&file);
	assert_true(new_file_close(&file));
	assert_holds(place.path, "whole");
	assert_int_equal(count_names(&place), 1);
	remove_place(&place);
}

static void a_discarded_file_leaves_nothing(void **state)
{
	struct place place = make_place();
	struct new_file file;

	(void)state;
	open_file(place.path, &plain, &file, "half");
	new_file_discard(&file);
	assert_int_equal(count_names(&place), 0);
	new_file_discard(&file);
	open_file(place.path, &(struct new_file_options){.early_name = true}, &file, "half");
	assert_holds(place.path, "half");
	new_file_discard(&file);
	assert_int_equal(count_names(&place), 0);
	remove_place(&place);
}

static void a_file_can_be_named_relative_to_the_working_directory(void **state)
{
	struct place place = make_place();
	struct new_file file;
	int before = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(chdir(place.directory), 0);
	open_file("out", &plain, &file, "whole");
	/* The descriptor of its directory stays valid. */
	assert_int_equal(fchdir(before), 0);
	publish(&file);
	assert_holds(place.path, "whole");
	close(before);
	remove_place(&place);
}

static void an_existing_file_is_replaced_only_on_request(void **state)
{
	struct place place = make_place();
	struct new_file file;

	(void)state;
	write_file(place.path, "old");
	assert_refused(place.path, &plain, "already exists");
	assert_holds(place.path, "old");
	open_file(place.path, &replacing, &file, "half");
	assert_true(file.replaces);
	assert_holds(place.path, "old");
	new_file_discard(&file);
	assert_holds(place.path, "old");
	open_file(place.path, &replacing, &file, "new");
	publish(&file);
	assert_holds(place.path, "new");
	assert_int_equal(count_names(&place), 1);
	remove_place(&place);
}

static void what_is_not_a_regular_file_is_never_replaced(void **state)
{
	struct place place = make_place();
	char path[200];

	(void)state;
	assert_int_equal(symlink("other", place.path), 0);
	assert_refused(place.path, &replacing, "symbolic link");
	assert_refused(place.path, &plain, "symbolic link");
	write_file(place.other, "target");
	assert_refused(place.path, &replacing, "symbolic link");
	assert_holds(place.other, "target");
	unlink(place.path);
	assert_int_equal(mkfifo(place.path, 0600), 0);
	assert_refused(place.path, &replacing, "not a regular file");
	assert_refused("/dev/null", &replacing, "not a regular file");
	assert_refused(place.directory, &replacing, "is a directory");
	snprintf(path, sizeof(path), "%s/", place.directory);
	assert_refused(path, &replacing, "is a directory");
	snprintf(path, sizeof(path), "%s/.", place.directory);
	assert_refused(path, &replacing, "is a directory");
	assert_refused("/", &replacing, "is a directory");
	snprintf(path, sizeof(path), "%s/none/out", place.directory);
	assert_refused(path, &replacing, "cannot open its directory: No such file");
	snprintf(path, sizeof(path), "%s/other/out", place.directory);
	assert_refused(path, &replacing, "cannot open its directory: Not a directory");
	remove_place(&place);
}

static void a_name_can_be_as_long_as_the_file_system_allows(void **state)
{
	struct place place = make_place();
	struct new_file file;
	char path[PATH_MAX + 100];
	size_t start = (size_t)snprintf(path, sizeof(path), "%s/", place.directory);

	(void)state;
	memset(path + start, 'n', NAME_MAX);
	path[start + NAME_MAX] = '\0';
	open_file(path, &plain, &file, "whole");
	publish(&file);
	assert_holds(path, "whole");
	unlink(path);
	memcpy(path + start + NAME_MAX, "n", 2);
	assert_refused(path, &plain, "name too long");
	memset(path, '/', PATH_MAX);
	memcpy(path + PATH_MAX, "out", 4);
	assert_refused(path, &plain, "name too long");
	assert_refused(path, &(struct new_file_options){.stream = true}, "name too long");
	remove_place(&place);
}

static void a_stream_is_opened_as_it_is(void **state)
{
	static const struct new_file_options stream = {.stream = true};
	struct place place = make_place();
	struct new_file file;
	char bytes[8] = "";
	int reading;

	(void)state;
	assert_int_equal(mkfifo(place.path, 0600), 0);
	reading = open(place.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reading >= 0);
	open_file(place.path, &stream, &file, "piped");
	assert_int_equal(read(reading, bytes, sizeof(bytes)), 5);
	assert_string_equal(bytes, "piped");
	publish(&file);
	open_file(place.path, &stream, &file, "piped");
	new_file_discard(&file);
	assert_int_equal(access(place.path, F_OK), 0);
	/* Also through a symbolic link, such as /dev/stdout. */
	assert_int_equal(symlink("out", place.other), 0);
	open_file(place.other, &stream, &file, "piped");
	publish(&file);
	close(reading);
	unlink(place.other);
	unlink(place.path);
	/* A regular file is not a stream. */
	write_file(place.path, "old");
	assert_refused(place.path, &stream, "already exists");
	remove_place(&place);
}

static void a_full_device_reports_it_when_it_is_written(void **state)
{
	struct problem problem = {.text = ""};
	struct new_file file;

	(void)state;
	assert_true(new_file_open("/dev/full", &(struct new_file_options){.stream = true}, &file,
				  &problem));
	assert_int_equal(write(file.fd, "x", 1), -1);
	assert_int_equal(errno, ENOSPC);
	new_file_discard(&file);
	assert_int_equal(access("/dev/full", F_OK), 0);
}

static bool starts_with_own(int fd)
{
	char bytes[3];

	return read(fd, bytes, sizeof(bytes)) == 3 && memcmp(bytes, "own", 3) == 0;
}

static void an_own_file_is_replaced_without_request(void **state)
{
	static const struct new_file_options own = {.is_own = starts_with_own, .early_name = true};
	struct place place = make_place();
	struct new_file file;

	(void)state;
	write_file(place.path, "foreign");
	assert_refused(place.path, &own, "already exists");
	write_file(place.path, "own, old");
	open_file(place.path, &own, &file, "own, new");
	assert_true(file.replaces);
	/* No early name: the old file stays until the new one is complete. */
	assert_holds(place.path, "own, old");
	publish(&file);
	assert_holds(place.path, "own, new");
	/* The check is repeated: now it is another file. */
	open_file(place.path, &own, &file, "own, newer");
	write_file(place.path, "foreign");
	assert_false(new_file_publish(&file, &(struct problem){.text = ""}));
	new_file_discard(&file);
	assert_holds(place.path, "foreign");
	assert_int_equal(count_names(&place), 1);
	remove_place(&place);
}

/* Returns a process that holds the file locked until its end of the pipe is closed. */
static pid_t lock_elsewhere(const char *path, int *ret_release)
{
	int locked[2];
	int release[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe2(locked, O_CLOEXEC), 0);
	assert_int_equal(pipe2(release, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		close(release[1]);
		if (flock(fd, LOCK_EX) != 0 || write(locked[1], "", 1) != 1)
			_exit(1);
		_exit(read(release[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(locked[1]);
	close(release[0]);
	assert_int_equal(read(locked[0], &byte, 1), 1);
	close(locked[0]);
	*ret_release = release[1];
	return child;
}

static void a_file_that_another_process_holds_locked_is_refused(void **state)
{
	struct place place = make_place();
	struct new_file file;
	int release;
	int result;
	pid_t child;

	(void)state;
	write_file(place.path, "old");
	open_file(place.path, &replacing, &file, "new");
	child = lock_elsewhere(place.path, &release);
	assert_refused(place.path, &replacing, "is writing it");
	assert_refused(place.path, &plain, "is writing it");
	assert_false(new_file_publish(&file, &(struct problem){.text = ""}));
	assert_holds(place.path, "old");
	close(release);
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(result, 0);
	publish(&file);
	assert_holds(place.path, "new");
	remove_place(&place);
}

static void the_lock_lasts_as_long_as_the_file_is_open(void **state)
{
	static const struct new_file_options locking = {.lock = true, .early_name = true};
	struct place place = make_place();
	struct new_file file;
	struct new_file second;

	(void)state;
	open_file(place.path, &locking, &file, "new");
	assert_refused(place.path, &replacing, "is writing it");
	assert_true(new_file_publish(&file, &(struct problem){.text = ""}));
	assert_refused(place.path, &replacing, "is writing it");
	assert_true(new_file_close(&file));
	open_file(place.path, &replacing, &second, "newer");
	publish(&second);
	assert_holds(place.path, "newer");
	remove_place(&place);
}

static uint64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* What another process says of its locks. */
struct holder {
	atomic_uint_fast64_t since_us; /* when it took the one that it has; 0: it has none */
	atomic_bool was_long;          /* one was held for long, since this was cleared */
};

static bool is_long(uint64_t since_us)
{
	return since_us && now_us() - since_us > 50000;
}

/* Another process that checks for a lock holds a shared one for a short time. */
_Noreturn static void check_for_locks(const char *path, struct holder *holder)
{
	for (;;) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0)
			continue;
		atomic_store(&holder->since_us, now_us());
		(void)flock(fd, LOCK_SH | LOCK_NB);
		close(fd);
		if (is_long(atomic_load(&holder->since_us)))
			atomic_store(&holder->was_long, true);
		atomic_store(&holder->since_us, 0);
	}
}

/* On a busy machine the other process waits for a CPU while it holds the lock, and that is not a
 * short time. */
static bool is_held_for_long(struct holder *holder)
{
	/* In this order: the other one sets was_long before it clears since_us. */
	return is_long(atomic_load(&holder->since_us)) || atomic_load(&holder->was_long);
}

static void the_lock_is_taken_while_others_check_for_it(void **state)
{
	static const struct new_file_options locking = {.lock = true, .early_name = true};
	struct holder *holder = mmap(NULL, sizeof(*holder), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct place place = make_place();
	unsigned int unlocked = 0;
	struct new_file file;
	int result;
	pid_t child;

	(void)state;
	assert_true(holder != MAP_FAILED);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		check_for_locks(place.path, holder);
	for (unsigned int i = 0; i < 5000; i++) {
		int fd;

		atomic_store(&holder->was_long, false);
		open_file(place.path, &locking, &file, "x");
		fd = open(place.path, O_RDONLY | O_CLOEXEC);
		unlocked += flock(fd, LOCK_SH | LOCK_NB) == 0 && !is_held_for_long(holder);
		close(fd);
		new_file_discard(&file);
	}
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_int_equal(unlocked, 0);
	(void)munmap(holder, sizeof(*holder));
	remove_place(&place);
}

static void an_early_name_is_there_at_once(void **state)
{
	struct new_file_options options = {.early_name = true};
	struct place place = make_place();
	struct new_file file;

	(void)state;
	open_file(place.path, &options, &file, "part");
	assert_holds(place.path, "part");
	assert_int_equal(count_names(&place), 1);
	assert_refused(place.path, &options, "already exists");
	publish(&file);
	assert_holds(place.path, "part");
	unlink(place.path);
	/* Not with `replace`, which may have to replace a file that gets the name meanwhile. */
	options.replace = true;
	open_file(place.path, &options, &file, "part");
	assert_int_equal(access(place.path, F_OK), -1);
	publish(&file);
	assert_holds(place.path, "part");
	remove_place(&place);
}

static void a_killed_writer_leaves_nothing_under_the_name(void **state)
{
	struct place place = make_place();
	struct new_file file;
	int result;
	pid_t child;

	(void)state;
	write_file(place.other, "old");
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct problem problem = {.text = ""};
		struct new_file second;

		if (!new_file_open(place.path, &plain, &file, &problem) ||
		    !new_file_open(place.other, &replacing, &second, &problem) ||
		    write(file.fd, "half", 4) != 4 || write(second.fd, "half", 4) != 4)
			_exit(1);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(child, &result, 0), child);
	assert_true(WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL);
	assert_int_equal(access(place.path, F_OK), -1);
	assert_holds(place.other, "old");
	for (unsigned int i = 0; i < 2; i++) { /* the files with temporary names */
		char name[128];

		snprintf(name, sizeof(name), "%s/.%s.%d.0", place.directory, i ? "other" : "out",
			 (int)child);
		assert_int_equal(unlink(name), 0);
	}
	remove_place(&place);
}

/* A process with the same id that was killed may have left its temporary file. */
static void a_temporary_name_that_is_taken_is_left_alone(void **state)
{
	struct place place = make_place();
	struct new_file file;
	char name[128];

	(void)state;
	snprintf(name, sizeof(name), "%s/.out.%d.0", place.directory, (int)getpid());
	assert_int_equal(symlink("other", name), 0);
	open_file(place.path, &plain, &file, "whole");
	publish(&file);
	assert_holds(place.path, "whole");
	assert_int_equal(access(place.other, F_OK), -1);
	assert_int_equal(unlink(name), 0);
	remove_place(&place);
}

static void what_got_the_name_before_publishing_is_left_alone(void **state)
{
	struct place place = make_place();
	struct problem problem = {.text = ""};
	struct new_file file;

	(void)state;
	open_file(place.path, &plain, &file, "new");
	write_file(place.path, "foreign");
	assert_false(new_file_publish(&file, &problem));
	assert_non_null(strstr(problem.text, "already exists"));
	unlink(place.path);
	assert_int_equal(symlink("other", place.path), 0);
	assert_false(new_file_publish(&file, &problem));
	assert_non_null(strstr(problem.text, "symbolic link"));
	unlink(place.path);
	assert_int_equal(mkdir(place.path, 0700), 0);
	assert_false(new_file_publish(&file, &problem));
	assert_non_null(strstr(problem.text, "is a directory"));
	assert_int_equal(rmdir(place.path), 0);
	/* The file still has its temporary name. */
	assert_int_equal(count_names(&place), 1);
	publish(&file);
	assert_holds(place.path, "new");
	assert_int_equal(count_names(&place), 1);
	remove_place(&place);
}

static void with_replace_a_file_that_got_the_name_is_replaced(void **state)
{
	struct place place = make_place();
	struct new_file file;

	(void)state;
	open_file(place.path, &replacing, &file, "new");
	assert_false(file.replaces);
	write_file(place.path, "foreign");
	publish(&file);
	assert_holds(place.path, "new");
	remove_place(&place);
}

static void discarding_leaves_another_file_of_the_name(void **state)
{
	struct place place = make_place();
	struct new_file file;

	(void)state;
	open_file(place.path, &(struct new_file_options){.early_name = true}, &file, "half");
	assert_int_equal(rename(place.path, place.other), 0);
	write_file(place.path, "foreign");
	new_file_discard(&file);
	assert_holds(place.path, "foreign");
	assert_holds(place.other, "half");
	remove_place(&place);
}

static mode_t mode_of_new_file(const struct new_file_options *options, mode_t mask)
{
	struct place place = make_place();
	struct new_file file;
	struct stat status;
	mode_t before = umask(mask);

	open_file(place.path, options, &file, "x");
	umask(before);
	publish(&file);
	assert_int_equal(stat(place.path, &status), 0);
	remove_place(&place);
	return status.st_mode & 07777;
}

static void modes_are_private_or_those_of_the_umask(void **state)
{
	static const struct new_file_options user = {.user_mode = true};
	static const struct new_file_options early = {.early_name = true};

	(void)state;
	assert_int_equal(mode_of_new_file(&plain, 0), 0600);
	assert_int_equal(mode_of_new_file(&plain, 0777), 0600);
	assert_int_equal(mode_of_new_file(&early, 0), 0600);
	assert_int_equal(mode_of_new_file(&early, 0777), 0600);
	assert_int_equal(mode_of_new_file(&user, 0), 0666);
	assert_int_equal(mode_of_new_file(&user, 027), 0640);
	assert_int_equal(mode_of_new_file(&user, 0777), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_appears_when_the_file_is_published),
		cmocka_unit_test(a_discarded_file_leaves_nothing),
		cmocka_unit_test(a_file_can_be_named_relative_to_the_working_directory),
		cmocka_unit_test(an_existing_file_is_replaced_only_on_request),
		cmocka_unit_test(what_is_not_a_regular_file_is_never_replaced),
		cmocka_unit_test(a_name_can_be_as_long_as_the_file_system_allows),
		cmocka_unit_test(a_stream_is_opened_as_it_is),
		cmocka_unit_test(a_full_device_reports_it_when_it_is_written),
		cmocka_unit_test(an_own_file_is_replaced_without_request),
		cmocka_unit_test(a_file_that_another_process_holds_locked_is_refused),
		cmocka_unit_test(the_lock_lasts_as_long_as_the_file_is_open),
		cmocka_unit_test(the_lock_is_taken_while_others_check_for_it),
		cmocka_unit_test(an_early_name_is_there_at_once),
		cmocka_unit_test(a_killed_writer_leaves_nothing_under_the_name),
		cmocka_unit_test(a_temporary_name_that_is_taken_is_left_alone),
		cmocka_unit_test(what_got_the_name_before_publishing_is_left_alone),
		cmocka_unit_test(with_replace_a_file_that_got_the_name_is_replaced),
		cmocka_unit_test(discarding_leaves_another_file_of_the_name),
		cmocka_unit_test(modes_are_private_or_those_of_the_umask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
