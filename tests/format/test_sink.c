/* tests/format/test_sink.c - format/sink.c */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <dz/sink.h>

static void pieces_are_written_in_order(void **state)
{
	struct dz_fd_stream stream = {.fd = memfd_create("sink", MFD_CLOEXEC)};
	struct dz_sink sink = dz_fd_sink(&stream);
	char first[] = "whole", last[] = " file", bytes[32] = "";
	struct iovec pieces[3] = {{.iov_base = first, .iov_len = strlen(first)},
				  {.iov_base = first, .iov_len = 0},
				  {.iov_base = last, .iov_len = strlen(last)}};

	(void)state;
	assert_true(stream.fd >= 0);
	assert_int_equal(sink.write(sink.context, pieces, 3), DZ_OK);
	assert_int_equal(pread(stream.fd, bytes, sizeof(bytes) - 1, 0), strlen("whole file"));
	assert_string_equal(bytes, "whole file");
	assert_int_equal(stream.error_number, 0);
	close(stream.fd);
}

static void a_failed_write_is_remembered(void **state)
{
	struct dz_fd_stream stream = {.fd = open("/dev/full", O_WRONLY | O_CLOEXEC)};
	struct dz_sink sink = dz_fd_sink(&stream);
	char byte = 1;
	struct iovec piece = {.iov_base = &byte, .iov_len = 1};

	(void)state;
	assert_true(stream.fd >= 0);
	assert_int_equal(sink.write(sink.context, &piece, 1), DZ_IO);
	assert_int_equal(stream.error_number, ENOSPC);
	assert_int_equal(sink.write(sink.context, &piece, 1), DZ_IO);
	close(stream.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_written_in_order),
		cmocka_unit_test(a_failed_write_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
