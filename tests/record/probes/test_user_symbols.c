/* tests/record/probes/test_user_symbols.c - record/probes/user_symbols.c and user_file.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>

#include "record/probes/user_file.h"
#include "record/probes/user_symbols.h"

/* A symbol of this program that is looked for. */
void probed_function(void);

void probed_function(void)
{
	(void)getpid();
}

static void functions_are_found_by_name(void **state)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const struct user_symbol *symbol;
	struct user_symbols symbols;
	struct problem why;
	uint64_t offset;
	size_t count;

	(void)state;
	assert_true(fd >= 0 && user_symbols_read(fd, &symbols, &why));
	symbol = user_symbols_find(&symbols, "probed_function", &count);
	assert_non_null(symbol);
	assert_int_equal(count, 1);
	assert_int_equal(symbol->rank, USER_SYMBOL_GLOBAL);
	assert_true(symbol->size_bytes > 0 && !symbol->is_indirect);
	assert_true(user_symbols_code_at(fd, symbol->address, &offset));
	assert_int_equal(offset, symbol->file_offset);
	assert_false(user_symbols_code_at(fd, 1, &offset));
	assert_null(user_symbols_find(&symbols, "no_such_function", &count));
	assert_int_equal(count, 0);
	user_symbols_release(&symbols);
	(void)close(fd);
}

static void a_text_has_no_functions(void **state)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	struct user_symbols symbols;
	struct problem why;

	(void)state;
	assert_true(fd >= 0);
	assert_false(user_symbols_read(fd, &symbols, &why));
	assert_string_equal(why.text, "not a program or a library");
	(void)close(fd);
}

static void files_are_found_by_name(void **state)
{
	char path[PATH_MAX], again[PATH_MAX];
	struct problem why;

	(void)state;
	assert_true(user_file_find("libc.so.6", path, &why));
	assert_int_equal(path[0], '/');
	assert_true(user_file_find("libc", again, &why));
	assert_string_equal(path, again);
	assert_true(user_file_find("sh", path, &why));
	assert_true(user_file_find("/bin/sh", again, &why));
	assert_string_equal(path, again);
	assert_false(user_file_find("no-such-library.so.1", path, &why));
	assert_false(user_file_find("./no-such-file", path, &why));
	assert_non_null(strstr(why.text, "cannot open"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_found_by_name),
		cmocka_unit_test(a_text_has_no_functions),
		cmocka_unit_test(files_are_found_by_name),
	};

	return cmocka_run_group_tests_name("record/probes/user_symbols", tests, NULL, NULL);
}
