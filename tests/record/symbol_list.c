/* tests/record/symbol_list.c - symbols of a kernel that a test invents */
#include "tests/record/symbol_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct kernel_symbols *symbol_list_open(const char *text, const struct symbol_source *source)
{
	const int fd = memfd_create("list", MFD_CLOEXEC);
	struct kernel_symbols *symbols;
	char path[32];

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(kernel_symbols_open(path, source, &symbols), SYMBOLS_OK);
	(void)close(fd);
	return symbols;
}
