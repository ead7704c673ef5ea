/* tests/symbols/test_perf_map.c - symbols/perf_map.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "symbols/perf_map.h"

static enum symbols_status read_text(const char *text, struct perf_map *ret_map)
{
	int fd = memfd_create("map", MFD_CLOEXEC);
	enum symbols_status status;
	ssize_t length = (ssize_t)strlen(text);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, (size_t)length), length);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	status = perf_map_read(fd, ret_map);
	close(fd);
	return status;
}

static void assert_function(const struct perf_map *map, uint64_t address, const char *name,
			    uint64_t offset_bytes)
{
	struct function function;

	assert_true(perf_map_find(map, address, &function));
	assert_string_equal(function.name, name);
	assert_int_equal(function.offset_bytes, offset_bytes);
}

static void test_names_may_have_spaces_and_be_long(void **state)
{
	struct perf_map map;

	(void)state;
	assert_int_equal(
		read_text("2000 10 Ljava/lang/String; :: indexOf (II)I\n1000 20 eval\n", &map),
		SYMBOLS_OK);
	assert_function(&map, 0x2004, "Ljava/lang/String; :: indexOf (II)I", 4);
	assert_function(&map, 0x101f, "eval", 0x1f);
	perf_map_release(&map);
}

static void test_an_address_between_functions_has_no_name(void **state)
{
	struct function function;
	struct perf_map map;

	(void)state;
	assert_int_equal(read_text("1000 20 eval\n2000 10 f\n", &map), SYMBOLS_OK);
	assert_false(perf_map_find(&map, 0xfff, &function));
	assert_false(perf_map_find(&map, 0x1020, &function));
	assert_false(perf_map_find(&map, 0x2010, &function));
	perf_map_release(&map);
}

static void test_later_code_replaces_earlier_code(void **state)
{
	struct perf_map map;

	(void)state;
	assert_int_equal(
		read_text("1000 100 old\n1000 10 new\n1080 8 inner\n1040 20 older\n", &map),
		SYMBOLS_OK);
	assert_function(&map, 0x1008, "new", 8);
	assert_function(&map, 0x1010, "old", 0x10);
	assert_function(&map, 0x1084, "inner", 4);
	assert_function(&map, 0x1090, "old", 0x90);
	perf_map_release(&map);
}

static void test_invalid_lines_are_skipped(void **state)
{
	struct perf_map map;

	(void)state;
	assert_int_equal(
		read_text("\n1000\n1000 20\n1000 20 \nffffffffffffffff 20 wraps\n1000 0 empty\n"
			  "10000000000000000 1 large\n3000 8 good\nlast line without newline",
			  &map),
		SYMBOLS_OK);
	assert_int_equal(map.count, 1);
	assert_function(&map, 0x3000, "good", 0);
	perf_map_release(&map);
	assert_int_equal(read_text("nothing\n", &map), SYMBOLS_NOT_FOUND);
}

static void map_path(char *path, size_t size)
{
	snprintf(path, size, "/tmp/perf-%d.map", (int)getpid());
}

static void test_the_map_of_a_process_is_found_by_its_pid(void **state)
{
	char path[64];
	int fd;

	(void)state;
	map_path(path, sizeof(path));
	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "1000 20 eval\n", 13), 13);
	close(fd);
	assert_int_equal(perf_map_open(getpid(), &fd), SYMBOLS_OK);
	close(fd);
	unlink(path);
	assert_int_equal(perf_map_open(getpid(), &fd), SYMBOLS_NOT_FOUND);
}

static void test_a_fifo_or_a_file_of_another_user_is_refused(void **state)
{
	char path[64];
	int fd;

	(void)state;
	map_path(path, sizeof(path));
	(void)unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(perf_map_open(getpid(), &fd), SYMBOLS_REFUSED);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	if (fchown(fd, 4711, 4711) == 0) { /* as root only */
		int found;

		assert_int_equal(perf_map_open(getpid(), &found), SYMBOLS_REFUSED);
	}
	close(fd);
	unlink(path);
}

static void make_map(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "1000 10 made\n", 13), 13);
	(void)close(fd);
}

static void test_a_link_or_a_second_name_is_refused(void **state)
{
	char path[64], other[sizeof(path) + 8];
	int fd;

	(void)state;
	map_path(path, sizeof(path));
	(void)snprintf(other, sizeof(other), "%s.other", path);
	(void)unlink(path);
	(void)unlink(other);
	make_map(other);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(perf_map_open(getpid(), &fd), SYMBOLS_REFUSED);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(link(other, path), 0);
	assert_int_equal(perf_map_open(getpid(), &fd), SYMBOLS_REFUSED);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(perf_map_open(getpid(), &fd), SYMBOLS_OK);
	(void)close(fd);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_may_have_spaces_and_be_long),
		cmocka_unit_test(test_an_address_between_functions_has_no_name),
		cmocka_unit_test(test_later_code_replaces_earlier_code),
		cmocka_unit_test(test_invalid_lines_are_skipped),
		cmocka_unit_test(test_the_map_of_a_process_is_found_by_its_pid),
		cmocka_unit_test(test_a_fifo_or_a_file_of_another_user_is_refused),
		cmocka_unit_test(test_a_link_or_a_second_name_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
