/* tests/record/convert/test_section_path.c - record/convert/section_path.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "record/convert/section_path.h"

#define PIPES     0x50495045u
#define SOCKETS   0x534f434bu
#define ANON      0x09041934u
#define TMP       0x01021994u
#define DISK      0xef53u
#define SPACES    0x6e736673u /* namespaces */
#define PROCESSES 0x50494446u

/* Names end with a bar here, the file's own comes first. */
static struct section_file file_of(const char *names, uint64_t file_system, uint16_t flags)
{
	struct section_file file = {.inode = 1234, .flags = flags, .file_system = file_system};

	strncpy(file.names, names, sizeof(file.names) - 1);
	for (size_t i = 0; file.names[i]; i++) {
		if (file.names[i] == '|') {
			file.names[i] = '\0';
			file.parts++;
		}
	}
	return file;
}

static void check(const char *names, uint64_t file_system, uint16_t flags, const char *expected)
{
	const struct section_file file = file_of(names, file_system, flags);
	char text[SECTION_PATH_TEXT_MAX];

	section_path_text(&file, text);
	assert_string_equal(text, expected);
}

static void test_names_become_a_path(void **state)
{
	(void)state;
	check("c|b b|a|", DISK, 0, "/a/b b/c");
	check("", DISK, 0, "/");
	check("c|b|", DISK, SECTION_FILE_TRUNCATED, ".../b/c");
	check("", DISK, SECTION_FILE_TRUNCATED, "...");
	check("c|b|a|", DISK, SECTION_FILE_DELETED, "/a/b/c (deleted)");
	check("fifo|tmp|", TMP, 0, "/tmp/fifo");
	check("c|", DISK, SECTION_FILE_REPLACED, "[closed or replaced during the call]");
	/* A directory that is not below any mount. */
	check("c|b|/|", DISK, SECTION_FILE_APART, ".../b/c");
	check("c|b|", DISK, SECTION_FILE_APART, ".../b/c");
}

/* As in /proc/PID/fd. */
static void test_files_without_a_path_have_a_kind(void **state)
{
	(void)state;
	check("|", PIPES, SECTION_FILE_APART, "pipe:[1234]");
	check("TCP|", SOCKETS, SECTION_FILE_APART, "socket:[1234]");
	check("[eventfd]|", ANON, SECTION_FILE_APART, "anon_inode:[eventfd]");
	check("inotify|", ANON, SECTION_FILE_APART, "anon_inode:inotify");
	check("kvm-vcpu:0|", ANON, SECTION_FILE_APART, "anon_inode:kvm-vcpu:0");
	check("memfd:a/b|", TMP, SECTION_FILE_APART, "/memfd:a/b (deleted)");
	check("/|", PROCESSES, SECTION_FILE_APART, "anon_inode:[pidfd]");
	check("/|", SPACES, SECTION_FILE_APART, "[no name]");
	check("", DISK, SECTION_FILE_APART, "[no name]");
}

/* The longest names that are read: two of 64 digits, as containers have them. */
static void test_long_names_are_whole(void **state)
{
	char names[SECTION_FILE_NAMES_BYTES], expected[SECTION_PATH_TEXT_MAX];
	char digits[65];

	(void)state;
	memset(digits, 'f', 64);
	digits[64] = '\0';
	snprintf(names, sizeof(names), "%s-json.log|%s|containers|docker|lib|var|", digits, digits);
	snprintf(expected, sizeof(expected), "/var/lib/docker/containers/%s/%s-json.log", digits,
		 digits);
	check(names, DISK, 0, expected);
}

/* Whatever is in memory, the text ends. */
static void test_damaged_names_end(void **state)
{
	struct section_file file = {.parts = UINT16_MAX};
	char text[SECTION_PATH_TEXT_MAX];

	(void)state;
	memset(file.names, 'a', sizeof(file.names));
	section_path_text(&file, text);
	assert_string_equal(text, "/");
	memset(file.names, 0, sizeof(file.names));
	section_path_text(&file, text);
	assert_int_equal(strlen(text), SECTION_FILE_STEPS);
	for (size_t i = 1; i < sizeof(file.names); i += 2)
		file.names[i - 1] = 'b';
	section_path_text(&file, text);
	assert_int_equal(strlen(text), 2 * SECTION_FILE_STEPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_become_a_path),
		cmocka_unit_test(test_files_without_a_path_have_a_kind),
		cmocka_unit_test(test_long_names_are_whole),
		cmocka_unit_test(test_damaged_names_end),
	};

	return cmocka_run_group_tests_name("record/convert/section_path", tests, NULL, NULL);
}
