/* analyze/program/zstd_stream.c - a stream that compresses what is written to it with zstd */
#define _GNU_SOURCE
#include "analyze/program/zstd_stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/types.h>
#include <zstd.h>

#define PIECE_BYTES  65536u
#define STREAM_LEVEL 3

struct zstd_stream {
	FILE *out;
	ZSTD_CCtx *context;
	char piece[PIECE_BYTES];
};

/* Compresses the input, and with ZSTD_e_end the rest. Returns false and sets errno on failure. */
static bool compress(struct zstd_stream *stream, ZSTD_inBuffer *in, ZSTD_EndDirective end)
{
	size_t left;

	do {
		ZSTD_outBuffer out = {stream->piece, sizeof(stream->piece), 0};

		left = ZSTD_compressStream2(stream->context, &out, in, end);
		if (ZSTD_isError(left)) {
			errno = ENOMEM;
			return false;
		}
		if (fwrite(stream->piece, 1, out.pos, stream->out) != out.pos)
			return false;
	} while (end == ZSTD_e_end ? left > 0 : in->pos < in->size);
	return true;
}

static ssize_t write_stream(void *cookie, const char *bytes, size_t size)
{
	ZSTD_inBuffer in = {bytes, size, 0};

	return compress(cookie, &in, ZSTD_e_continue) ? (ssize_t)size : 0;
}

static int close_stream(void *cookie)
{
	struct zstd_stream *stream = cookie;
	ZSTD_inBuffer in = {NULL, 0, 0};
	bool ok = compress(stream, &in, ZSTD_e_end);

	ZSTD_freeCCtx(stream->context);
	free(stream);
	return ok ? 0 : EOF;
}

FILE *zstd_stream_open(FILE *out)
{
	static const cookie_io_functions_t functions = {.write = write_stream,
							.close = close_stream};
	struct zstd_stream *stream = calloc(1, sizeof(*stream));
	FILE *made = NULL;

	if (!stream)
		return NULL;
	stream->out = out;
	stream->context = ZSTD_createCCtx();
	if (stream->context) {
		ZSTD_CCtx_setParameter(stream->context, ZSTD_c_compressionLevel, STREAM_LEVEL);
		ZSTD_CCtx_setParameter(stream->context, ZSTD_c_checksumFlag, 1);
		made = fopencookie(stream, "w", functions);
	}
	if (!made) {
		ZSTD_freeCCtx(stream->context);
		free(stream);
	}
	return made;
}
