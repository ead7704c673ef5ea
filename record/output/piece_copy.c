/* record/output/piece_copy.c - copies of the pieces of a flight window, as files in memory */
#include "record/output/piece_copy.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static void close_copy(struct piece_copy *copy)
{
	if (copy->fd >= 0)
		(void)close(copy->fd);
	copy->fd = -1;
}

static void append(struct piece_copy *copy, const struct iovec *pieces, int count)
{
	for (int i = 0; i < count; i++)
		copy->bytes += pieces[i].iov_len;
	if (copy->fd >= 0 &&
	    (copy->bytes > PIECE_COPY_BYTES_MAX || !dz_fd_write(copy->fd, pieces, count)))
		close_copy(copy);
}

static enum dz_status write_both(void *context, const struct iovec *pieces, int count)
{
	struct piece_copy *copy = context;

	append(copy, pieces, count);
	if (copy->is_ending)
		return DZ_OK;
	return copy->window.write(copy->window.context, pieces, count);
}

struct dz_sink piece_copy_begin(struct piece_copy *copy, const struct dz_sink *window)
{
	copy->window = *window;
	copy->bytes = 0;
	copy->fd = memfd_create("diag-piece", MFD_CLOEXEC);
	if (copy->fd >= 0)
		copy->begin(copy->context, copy->fd);
	return (struct dz_sink){.context = copy, .write = write_both};
}

void piece_copy_begin_end(struct piece_copy *copy)
{
	copy->is_ending = true;
}

void piece_copy_end(struct piece_copy *copy)
{
	copy->is_ending = false;
	close_copy(copy);
}
