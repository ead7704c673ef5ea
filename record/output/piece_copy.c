/* record/output/piece_copy.c - copies of the pieces of a flight window, as files in memory */
#include "record/output/piece_copy.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <dz/schema.h>

#include "format/block_header.h"

/* The header of a file, the schema and readings of the clocks are less. */
#define HELD_BYTES_MAX (64u << 10)

static void close_copy(struct piece_copy *copy)
{
	if (copy->fd >= 0)
		(void)close(copy->fd);
	copy->fd = -1;
}

static void write_file(struct piece_copy *copy, const struct iovec *pieces, int count)
{
	for (int i = 0; i < count; i++)
		copy->bytes += pieces[i].iov_len;
	if (copy->fd >= 0 &&
	    (copy->bytes > PIECE_COPY_BYTES_MAX || !dz_fd_write(copy->fd, pieces, count)))
		close_copy(copy);
}

static void end_hold(struct piece_copy *copy)
{
	copy->is_held = false;
	free(copy->held.data);
	copy->held = (struct buffer){0};
}

/* Whether a block has events or losses. */
static bool is_shown(const struct iovec *pieces, int count)
{
	struct dz_block_header header;

	return count > 0 && pieces[0].iov_len == DZ_BLOCK_HEADER_BYTES &&
	       dz_block_header_decode(pieces[0].iov_base, &header) == DZ_OK &&
	       (header.kind >= DZ_KIND_FIRST_EVENT || header.kind == DZ_KIND_LOST);
}

/* Returns false on allocation failure, and if too much is held already. */
static bool hold(struct piece_copy *copy, const struct iovec *pieces, int count)
{
	const size_t before = copy->held.size;

	for (int i = 0; i < count; i++)
		buffer_put(&copy->held, pieces[i].iov_base, pieces[i].iov_len);
	if (copy->held.failed)
		copy->held.size = before;
	return !copy->held.failed;
}

static void create_file(struct piece_copy *copy)
{
	const struct iovec held = {copy->held.data, copy->held.size};

	copy->fd = memfd_create("diag-piece", MFD_CLOEXEC);
	write_file(copy, &held, 1);
	end_hold(copy);
	if (copy->fd >= 0)
		copy->begin(copy->context, copy->fd);
}

static void append(struct piece_copy *copy, const struct iovec *pieces, int count)
{
	if (copy->is_held && !is_shown(pieces, count) && hold(copy, pieces, count))
		return;
	if (copy->is_held)
		create_file(copy);
	write_file(copy, pieces, count);
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
	copy->is_held = true;
	copy->held = (struct buffer){.limit_bytes = HELD_BYTES_MAX};
	return (struct dz_sink){.context = copy, .write = write_both};
}

void piece_copy_begin_end(struct piece_copy *copy)
{
	if (copy->is_held)
		end_hold(copy);
	copy->is_ending = true;
}

void piece_copy_end(struct piece_copy *copy)
{
	copy->is_ending = false;
	end_hold(copy);
	close_copy(copy);
}
