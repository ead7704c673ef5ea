/* dz/sink.h - where the bytes of a new file go: append only */
#ifndef DZ_SINK_H
#define DZ_SINK_H

#include <stdbool.h>
#include <sys/uio.h>

#include <dz/status.h>

/* write() takes all pieces or fails; after a failure it is not called again. */
struct dz_sink {
	void *context;
	enum dz_status (*write)(void *context, const struct iovec *pieces, int count);
};

/* Most pieces that the library passes to write() at once. */
#define DZ_SINK_PIECES_MAX 64

/* Writes all pieces to a descriptor, continuing after short writes and signals. Returns false and
 * sets errno on failure, EINVAL for more than DZ_SINK_PIECES_MAX; part of them can be written then.
 */
bool dz_fd_write(int fd, const struct iovec *pieces, int count);

/* What a sink of dz_fd_sink() writes to. */
struct dz_fd_stream {
	int fd;           /* borrowed */
	int error_number; /* errno of the write that failed; 0: none did */
};

/* Returns a sink that writes to the stream, which must outlive it. After a failure it writes no
 * more. */
struct dz_sink dz_fd_sink(struct dz_fd_stream *stream);

#endif
