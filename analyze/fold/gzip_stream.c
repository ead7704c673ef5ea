/* analyze/fold/gzip_stream.c - a gzip file that is written to a stream */
#define ZLIB_CONST
#include "analyze/fold/gzip_stream.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

/* The largest window, and a header of gzip instead of one of zlib. */
#define WINDOW_BITS  (15 + 16)
#define MEMORY_LEVEL 8

struct gzip_stream {
	z_stream zlib;
	FILE *out;
	unsigned char buffer[1 << 16];
};

struct gzip_stream *gzip_stream_open(FILE *out)
{
	struct gzip_stream *gzip = calloc(1, sizeof(*gzip));

	if (!gzip)
		return NULL;
	gzip->out = out;
	/* The fastest level: files for viewers are small, and read once. */
	if (deflateInit2(&gzip->zlib, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) == Z_OK)
		return gzip;
	free(gzip);
	return NULL;
}

/* Compresses what is in next_in. deflate() cannot fail with valid arguments and space. */
static void deflate_all(struct gzip_stream *gzip, int flush)
{
	do {
		gzip->zlib.next_out = gzip->buffer;
		gzip->zlib.avail_out = sizeof(gzip->buffer);
		deflate(&gzip->zlib, flush);
		fwrite(gzip->buffer, 1, sizeof(gzip->buffer) - gzip->zlib.avail_out, gzip->out);
	} while (gzip->zlib.avail_out == 0);
}

void gzip_stream_write(struct gzip_stream *gzip, const void *bytes, size_t size)
{
	const unsigned char *next = bytes;

	while (size > 0) {
		unsigned int part = size < UINT_MAX ? (unsigned int)size : UINT_MAX;

		gzip->zlib.next_in = next;
		gzip->zlib.avail_in = part;
		deflate_all(gzip, Z_NO_FLUSH);
		next += part;
		size -= part;
	}
}

void gzip_stream_close(struct gzip_stream *gzip)
{
	gzip->zlib.next_in = NULL;
	gzip->zlib.avail_in = 0;
	deflate_all(gzip, Z_FINISH);
	deflateEnd(&gzip->zlib);
	free(gzip);
}
