/* format/sink.c - sink that writes to a descriptor */
#include <dz/sink.h>

#include <errno.h>
#include <string.h>

bool dz_fd_write(int fd, const struct iovec *pieces, int count)
{
	struct iovec left[DZ_SINK_PIECES_MAX];
	struct iovec *next = left;

	if (count < 0 || count > DZ_SINK_PIECES_MAX) {
		errno = EINVAL;
		return false;
	}
	memcpy(left, pieces, (size_t)count * sizeof(left[0]));
	while (count > 0) {
		ssize_t written = writev(fd, next, count);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		while (count > 0 && (size_t)written >= next->iov_len) {
			written -= (ssize_t)next->iov_len;
			next++;
			count--;
		}
		if (count > 0) {
			next->iov_base = (char *)next->iov_base + written;
			next->iov_len -= (size_t)written;
		}
	}
	return true;
}

static enum dz_status write_pieces(void *context, const struct iovec *pieces, int count)
{
	struct dz_fd_stream *stream = context;

	if (stream->error_number == 0 && !dz_fd_write(stream->fd, pieces, count))
		stream->error_number = errno;
	return stream->error_number == 0 ? DZ_OK : DZ_IO;
}

struct dz_sink dz_fd_sink(struct dz_fd_stream *stream)
{
	return (struct dz_sink){.context = stream, .write = write_pieces};
}
