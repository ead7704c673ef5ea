/* tests/format/test_sink.c - dz_fd_write() and dz_fd_sink() */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <dz/sink.h>

#define PIPE_BYTES  4096 /* the smallest buffer of a pipe */
#define PIECE_BYTES 10000u
#define PIECES      5

static uint8_t bytes[PIECES][PIECE_BYTES];

static void fill_pieces(struct iovec *pieces)
{
	for (size_t i = 0; i < PIECES; i++) {
		for (size_t at = 0; at < PIECE_BYTES; at++)
			bytes[i][at] = (uint8_t)(at * 7 + i * 31 + at / 256);
		pieces[i] = (struct iovec){.iov_base = bytes[i], .iov_len = PIECE_BYTES};
	}
}

struct received {
	int fd;
	size_t size;
	uint8_t bytes[PIECES * PIECE_BYTES + 1];
};

static void *receive(void *context)
{
	struct received *received = context;
	ssize_t got;

	do {
		/* Small reads, so that the writer finds room for a part of a piece. */
		size_t left = sizeof(received->bytes) - received->size;

		got = read(received->fd, received->bytes + received->size,
			   left < 1000 ? left : 1000);
		received->size += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	return NULL;
}

/* A non-blocking pipe takes a part of the pieces: writev() is short, and then fails with EAGAIN. */
static void a_full_pipe_fails_after_a_part(void **state)
{
	static struct received received;
	struct iovec pieces[PIECES];
	int ends[2];

	(void)state;
	fill_pieces(pieces);
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES) >= PIPE_BYTES);
	assert_false(dz_fd_write(ends[1], pieces, PIECES));
	assert_int_equal(errno, EAGAIN);
	close(ends[1]);
	received.fd = ends[0];
	receive(&received);
	assert_in_range(received.size, 1, PIECES * PIECE_BYTES - 1);
	assert_memory_equal(received.bytes, bytes, received.size);
	close(ends[0]);
}

static void all_pieces_go_through_a_small_pipe(void **state)
{
	static struct received received;
	struct iovec pieces[PIECES];
	pthread_t thread;
	int ends[2];

	(void)state;
	fill_pieces(pieces);
	assert_int_equal(pipe(ends), 0);
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, PIPE_BYTES) >= PIPE_BYTES);
	received.fd = ends[0];
	assert_int_equal(pthread_create(&thread, NULL, receive, &received), 0);
	assert_true(dz_fd_write(ends[1], pieces, PIECES));
	close(ends[1]);
	pthread_join(thread, NULL);
	close(ends[0]);
	assert_int_equal(received.size, PIECES * PIECE_BYTES);
	assert_memory_equal(received.bytes, bytes, sizeof(bytes));
	/* The caller's pieces are unchanged. */
	assert_ptr_equal(pieces[0].iov_base, bytes[0]);
	assert_int_equal(pieces[0].iov_len, PIECE_BYTES);
}

static void empty_pieces_are_skipped(void **state)
{
	const struct iovec pieces[] = {{.iov_base = bytes[0], .iov_len = 0},
				       {.iov_base = (char[]){'a', 'b'}, .iov_len = 2},
				       {.iov_base = NULL, .iov_len = 0}};
	char text[8];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_true(dz_fd_write(ends[1], pieces, 3));
	assert_true(dz_fd_write(ends[1], pieces, 0));
	assert_int_equal(read(ends[0], text, sizeof(text)), 2);
	assert_memory_equal(text, "ab", 2);
	close(ends[0]);
	close(ends[1]);
}

static void more_pieces_than_the_limit_are_refused(void **state)
{
	static struct iovec pieces[DZ_SINK_PIECES_MAX + 1];
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	for (int i = 0; i <= DZ_SINK_PIECES_MAX; i++)
		pieces[i] = (struct iovec){.iov_base = bytes, .iov_len = 1};
	assert_true(dz_fd_write(fd, pieces, DZ_SINK_PIECES_MAX));
	errno = 0;
	assert_false(dz_fd_write(fd, pieces, DZ_SINK_PIECES_MAX + 1));
	assert_int_equal(errno, EINVAL);
	assert_false(dz_fd_write(fd, pieces, -1));
	assert_int_equal(errno, EINVAL);
	close(fd);
}

static void a_full_device_is_an_error(void **state)
{
	const struct iovec piece = {.iov_base = bytes, .iov_len = 1};
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_false(dz_fd_write(fd, &piece, 1));
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

/* Further writes could succeed, but bytes would be missing before them. */
static void after_an_error_a_sink_writes_no_more(void **state)
{
	struct dz_fd_stream stream = {.fd = open("/dev/full", O_WRONLY | O_CLOEXEC)};
	const struct iovec piece = {.iov_base = bytes, .iov_len = 1};
	struct dz_sink sink = dz_fd_sink(&stream);
	char text[1];
	int ends[2];

	(void)state;
	assert_int_equal(sink.write(sink.context, &piece, 1), DZ_IO);
	assert_int_equal(stream.error_number, ENOSPC);
	close(stream.fd);
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	stream.fd = ends[1];
	assert_int_equal(sink.write(sink.context, &piece, 1), DZ_IO);
	assert_int_equal(stream.error_number, ENOSPC);
	assert_int_equal(read(ends[0], text, sizeof(text)), -1);
	assert_int_equal(errno, EAGAIN);
	close(ends[0]);
	close(ends[1]);
}

static void a_sink_writes_to_its_stream(void **state)
{
	const struct iovec pieces[] = {{.iov_base = (char[]){'a'}, .iov_len = 1},
				       {.iov_base = (char[]){'b', 'c'}, .iov_len = 2}};
	struct dz_fd_stream stream = {0};
	struct dz_sink sink = dz_fd_sink(&stream);
	char text[8];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	stream.fd = ends[1];
	assert_int_equal(sink.write(sink.context, pieces, 2), DZ_OK);
	assert_int_equal(stream.error_number, 0);
	assert_int_equal(read(ends[0], text, sizeof(text)), 3);
	assert_memory_equal(text, "abc", 3);
	close(ends[0]);
	assert_int_equal(sink.write(sink.context, pieces, 2), DZ_IO);
	assert_int_equal(stream.error_number, EPIPE);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_pipe_fails_after_a_part),
		cmocka_unit_test(all_pieces_go_through_a_small_pipe),
		cmocka_unit_test(empty_pieces_are_skipped),
		cmocka_unit_test(more_pieces_than_the_limit_are_refused),
		cmocka_unit_test(a_full_device_is_an_error),
		cmocka_unit_test(after_an_error_a_sink_writes_no_more),
		cmocka_unit_test(a_sink_writes_to_its_stream),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
