/* dz/sink.h - destination of the bytes of a new file; append only */
#ifndef DZ_SINK_H
#define DZ_SINK_H

#include <stdbool.h>
#include <sys/uio.h>

#include <dz/status.h>

/* write() borrows the pieces. It writes all of them or fails; after a failure, the library does not
 * call it again. */
struct dz_sink {
	void *context;
	enum dz_status (*write)(void *context, const struct iovec *pieces, int count);
};

/* Most pieces that the library passes to write() at once. */
#define DZ_SINK_PIECES_MAX 64

/* Writes all pieces to a descriptor, continuing after short writes and signals. Returns false and
 * sets errno on failure, EINVAL for more than DZ_SINK_PIECES_MAX. Then a part of them can be
 * written. */
bool dz_fd_write(int fd, const struct iovec *pieces, int count);

/* The context of a sink of dz_fd_sink(). */
struct dz_fd_stream {
	int fd;           /* borrowed */
	int error_number; /* errno of the first write that failed; 0: none */
};

/* Returns a sink that writes to the stream, which must outlive it. After a failure it returns DZ_IO
 * without writing. */
struct dz_sink dz_fd_sink(struct dz_fd_stream *stream);

#endif
