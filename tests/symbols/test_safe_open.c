/* tests/symbols/test_safe_open.c - symbols/safe_open.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/safe_open.h"

/* A directory in the role of a container's root: /file, /folder. */
struct root {
	char path[64];
	int fd;
};

static int make_root(void **state)
{
	struct root *root = calloc(1, sizeof(*root));
	int fd;

	assert_non_null(root);
	snprintf(root->path, sizeof(root->path), "/tmp/test_safe_open.XXXXXX");
	assert_non_null(mkdtemp(root->path));
	root->fd = open(root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = openat(root->fd, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "inside", 6), 6);
	close(fd);
	assert_int_equal(mkdirat(root->fd, "folder", 0700), 0);
	*state = root;
	return 0;
}

static int remove_root(void **state)
{
	static const char *const names[] = {"file", "link", "fifo", "device"};
	struct root *root = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlinkat(root->fd, names[i], 0);
	unlinkat(root->fd, "folder", AT_REMOVEDIR);
	close(root->fd);
	rmdir(root->path);
	free(root);
	return 0;
}

static void assert_opens_inside(const struct root *root, const char *path)
{
	char bytes[6];
	int fd;

	assert_int_equal(safe_open_below(root->fd, path, &fd), SYMBOLS_OK);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), sizeof(bytes));
	assert_memory_equal(bytes, "inside", sizeof(bytes));
	close(fd);
}

static void assert_refused(const struct root *root, const char *path, enum symbols_status expected)
{
	int fd = -4711;

	assert_int_equal(safe_open_below(root->fd, path, &fd), expected);
	assert_int_equal(fd, -4711);
}

static void test_absolute_names_and_dots_stay_below_the_root(void **state)
{
	const struct root *root = *state;

	assert_opens_inside(root, "file");
	assert_opens_inside(root, "/file");
	assert_opens_inside(root, "/../../folder/../file");
	assert_refused(root, "/etc/hostname", SYMBOLS_NOT_FOUND);
	assert_refused(root, "../../../../../etc/hostname", SYMBOLS_NOT_FOUND);
}

static void test_links_lead_within_the_root_only(void **state)
{
	const struct root *root = *state;

	assert_int_equal(symlinkat("/file", root->fd, "link"), 0);
	assert_opens_inside(root, "/link");
	unlinkat(root->fd, "link", 0);
	assert_int_equal(symlinkat("/etc/hostname", root->fd, "link"), 0);
	assert_refused(root, "/link", SYMBOLS_NOT_FOUND);
	unlinkat(root->fd, "link", 0);
	assert_int_equal(symlinkat("link", root->fd, "link"), 0);
	assert_refused(root, "/link", SYMBOLS_IO);
}

static void test_only_regular_files_are_opened(void **state)
{
	const struct root *root = *state;

	assert_refused(root, "/folder", SYMBOLS_REFUSED);
	assert_int_equal(mkfifoat(root->fd, "fifo", 0600), 0);
	assert_refused(root, "/fifo", SYMBOLS_REFUSED);
	if (mknodat(root->fd, "device", S_IFCHR | 0600, 0x103) == 0) /* null: as root only */
		assert_refused(root, "/device", SYMBOLS_REFUSED);
}

/* Reading such a file can have side effects. */
static void test_an_owned_file_is_not_one_of_proc(void **state)
{
	char path[64];
	int fd, root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_true(root >= 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)getpid());
	assert_int_equal(safe_open_below(root, path, &fd), SYMBOLS_OK);
	(void)close(fd);
	assert_int_equal(safe_open_owned_below(root, path, geteuid(), &fd), SYMBOLS_REFUSED);
	(void)close(root);
}

/* Those that are mounted here, each with a regular file. A path alone reads nothing of it. */
static void test_an_owned_file_is_on_no_pseudo_file_system(void **state)
{
	static const struct {
		const char *path;
		bool is_needed; /* each machine has it */
	} files[] = {
		{"/proc/version", true},
		{"/sys/kernel/notes", true},
		{"/sys/kernel/tracing/trace_pipe", false},
		{"/sys/kernel/tracing/README", false},
		{"/sys/kernel/debug/sleep_time", false},
		{"/sys/kernel/debug/fault_around_bytes", false},
		{"/sys/kernel/security/lsm", false},
		{"/sys/fs/cgroup/cgroup.procs", false},
		{"/proc/sys/fs/binfmt_misc/status", false},
	};
	int fd, root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_true(root >= 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const char *path = files[i].path;
		struct stat status;

		if (stat(path, &status) != 0) {
			assert_false(files[i].is_needed);
			print_message("not here: %s\n", path);
			continue;
		}
		assert_int_equal(safe_open_owned_below(root, path, status.st_uid, &fd),
				 SYMBOLS_REFUSED);
	}
	(void)close(root);
}

/* The owner of the link would choose the file. */
static void test_an_owned_file_has_no_link_on_the_way(void **state)
{
	const struct root *root = *state;
	int fd = -1;

	assert_int_equal(safe_open_owned_below(root->fd, "/file", geteuid(), &fd), SYMBOLS_OK);
	(void)close(fd);
	assert_int_equal(symlinkat("/", root->fd, "way"), 0);
	assert_int_equal(safe_open_owned_below(root->fd, "/way/file", geteuid(), &fd),
			 SYMBOLS_REFUSED);
	assert_opens_inside(root, "/way/file");
	unlinkat(root->fd, "way", 0);
}

static void test_a_magic_link_is_not_followed(void **state)
{
	int fd, slash = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(safe_open_below(slash, "/proc/self/exe", &fd), SYMBOLS_IO);
	assert_int_equal(safe_open_trusted("/proc/self/exe", &fd), SYMBOLS_OK);
	close(fd);
	close(slash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_absolute_names_and_dots_stay_below_the_root,
						make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_links_lead_within_the_root_only, make_root,
						remove_root),
		cmocka_unit_test_setup_teardown(test_only_regular_files_are_opened, make_root,
						remove_root),
		cmocka_unit_test(test_an_owned_file_is_not_one_of_proc),
		cmocka_unit_test(test_an_owned_file_is_on_no_pseudo_file_system),
		cmocka_unit_test_setup_teardown(test_an_owned_file_has_no_link_on_the_way,
						make_root, remove_root),
		cmocka_unit_test(test_a_magic_link_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
