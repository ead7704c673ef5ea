/* tests/base/file_of.h - files with a given content, for tests of what reads them */
#ifndef TESTS_BASE_FILE_OF_H
#define TESTS_BASE_FILE_OF_H

#include <stdlib.h>
#include <unistd.h>

/* Returns a descriptor of an unnamed file with that content, at its start. */
static inline int file_of(const char *bytes, size_t size)
{
	char path[] = "/tmp/diag-file-of.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

#endif
