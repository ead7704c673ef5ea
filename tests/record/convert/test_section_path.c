/* tests/record/convert/test_section_path.c - record/convert/section_path.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>

#include "record/convert/section_path.h"

/* Names are separated by slashes here, the file's own first. */
static struct section_file file_of(const char *names, uint32_t mode, uint16_t flags)
{
	struct section_file file = {.inode = 1234, .mode = mode, .flags = flags};

	strncpy(file.names, names, sizeof(file.names) - 1);
	for (size_t i = 0; names[0] && i <= strlen(names); i++) {
		if (file.names[i] == '/' || file.names[i] == '\0') {
			file.names[i] = '\0';
			file.parts++;
		}
	}
	return file;
}

static void check(const char *names, uint32_t mode, uint16_t flags, const char *expected)
{
	const struct section_file file = file_of(names, mode, flags);
	char text[SECTION_PATH_TEXT_MAX];

	section_path_text(&file, text);
	assert_string_equal(text, expected);
}

static void test_names_become_a_path(void **state)
{
	(void)state;
	check("c/b b/a", S_IFREG, 0, "/a/b b/c");
	check("", S_IFDIR, 0, "/");
	check("c/b", S_IFREG, SECTION_FILE_TRUNCATED, ".../b/c");
	check("c/b/a", S_IFREG, SECTION_FILE_DELETED, "/a/b/c (deleted)");
	check("fifo/tmp", S_IFIFO, 0, "/tmp/fifo");
	check("c", S_IFREG, SECTION_FILE_REPLACED, "[closed or replaced during the call]");
}

static void test_files_without_a_path_have_a_kind(void **state)
{
	(void)state;
	check("x", S_IFIFO, SECTION_FILE_APART, "pipe:[1234]");
	check("TCP", S_IFSOCK, SECTION_FILE_APART, "socket:[1234]");
	check("[eventfd]", 0600, SECTION_FILE_APART, "anon_inode:[eventfd]");
	check("memfd:name", S_IFREG, SECTION_FILE_APART, "memfd:name");
	check("", S_IFREG, SECTION_FILE_APART, "[no name]");
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
		cmocka_unit_test(test_damaged_names_end),
	};

	return cmocka_run_group_tests_name("record/convert/section_path", tests, NULL, NULL);
}
