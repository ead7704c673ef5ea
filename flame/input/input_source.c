/* flame/input/input_source.c - the bytes of an input, decompressed if they are gzip or zstd */
#include "flame/input/input_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define IN_BYTES ((size_t)128 << 10)
/* Of zlib: 15 bits of window, with the header of gzip. */
#define GZIP_WINDOW (15 + 16)
#define MAGIC_BYTES 4u

enum kind {
	KIND_PLAIN,
	KIND_GZIP,
	KIND_ZSTD,
};

struct input_source {
	int fd;
	enum kind kind;
	bool started;
	bool at_end;    /* of the descriptor */
	bool in_member; /* inside a compressed member or frame */
	size_t begin;   /* of the bytes in `in` that were not used */
	size_t end;
	_Atomic uint64_t read_bytes; /* another thread shows the progress */
	uint64_t expanded_bytes;
	const char *problem;
	z_stream gzip;
	ZSTD_DStream *zstd;
	unsigned char in[IN_BYTES];
};

struct input_source *input_source_new(int fd)
{
	struct input_source *source = calloc(1, sizeof(*source));

	if (source)
		source->fd = fd;
	return source;
}

uint64_t input_source_position(const struct input_source *source)
{
	return source->read_bytes;
}

const char *input_source_problem(const struct input_source *source)
{
	return source->problem;
}

/* Reads behind the bytes that were not used. Returns false and sets errno on failure. */
static bool fill(struct input_source *source)
{
	ssize_t size;

	if (source->begin > 0) {
		memmove(source->in, source->in + source->begin, source->end - source->begin);
		source->end -= source->begin;
		source->begin = 0;
	}
	if (source->at_end || source->end == IN_BYTES)
		return true;
	do
		size = read(source->fd, source->in + source->end, IN_BYTES - source->end);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return false;
	source->at_end = size == 0;
	source->end += (size_t)size;
	source->read_bytes += (uint64_t)size;
	return true;
}

static bool start_gzip(struct input_source *source)
{
	source->kind = KIND_GZIP;
	if (inflateInit2(&source->gzip, GZIP_WINDOW) == Z_OK)
		return true;
	source->kind = KIND_PLAIN;
	errno = ENOMEM;
	return false;
}

static bool start_zstd(struct input_source *source)
{
	source->kind = KIND_ZSTD;
	source->zstd = ZSTD_createDStream();
	if (!source->zstd)
		errno = ENOMEM;
	return source->zstd;
}

static bool start(struct input_source *source)
{
	source->started = true;
	while (!source->at_end && source->end < MAGIC_BYTES)
		if (!fill(source))
			return false;
	if (source->end >= MAGIC_BYTES && memcmp(source->in, "\x1f\x8b\x08", 3) == 0)
		return start_gzip(source);
	if (source->end >= MAGIC_BYTES && memcmp(source->in, "\x28\xb5\x2f\xfd", 4) == 0)
		return start_zstd(source);
	return true;
}

static void end_input(struct input_source *source)
{
	source->begin = source->end;
	source->at_end = true;
}

static size_t inflate_some(struct input_source *source, void *bytes, size_t size)
{
	z_stream *gzip = &source->gzip;
	int status;

	gzip->next_in = source->in + source->begin;
	gzip->avail_in = (uInt)(source->end - source->begin);
	gzip->next_out = bytes;
	gzip->avail_out = (uInt)size;
	status = inflate(gzip, Z_NO_FLUSH);
	source->begin = source->end - gzip->avail_in;
	source->in_member = status != Z_STREAM_END;
	if (status == Z_STREAM_END) {
		/* Another member can follow; anything else, such as padding, is ignored. */
		if (source->end - source->begin < 2 && !source->at_end && !fill(source))
			source->problem = "cannot be read to its end";
		if (source->end - source->begin >= 2 && source->in[source->begin] == 0x1f &&
		    source->in[source->begin + 1] == 0x8b)
			source->in_member = inflateReset(gzip) == Z_OK;
		else
			end_input(source);
	} else if (status != Z_OK && status != Z_BUF_ERROR) {
		source->problem = "compressed data is damaged";
	}
	return size - gzip->avail_out;
}

static size_t expand_some(struct input_source *source, void *bytes, size_t size)
{
	ZSTD_inBuffer in = {.src = source->in, .size = source->end, .pos = source->begin};
	ZSTD_outBuffer out = {.dst = bytes, .size = size};
	size_t status = ZSTD_decompressStream(source->zstd, &out, &in);

	source->begin = in.pos;
	source->in_member = status != 0;
	if (ZSTD_isError(status))
		source->problem = "compressed data is damaged";
	return out.pos;
}

static ssize_t read_compressed(struct input_source *source, void *bytes, size_t size)
{
	size_t got = 0;

	while (got == 0 && !source->problem) {
		size_t before = source->end - source->begin;

		if (before == 0 && !fill(source))
			return -1;
		before = source->end - source->begin;
		if (before == 0 && !source->in_member)
			break;
		got = source->kind == KIND_GZIP ? inflate_some(source, bytes, size)
						: expand_some(source, bytes, size);
		if (got == 0 && before == 0 && source->at_end && !source->problem)
			source->problem = "compressed data is truncated";
	}
	source->expanded_bytes += got;
	if (source->expanded_bytes > INPUT_EXPANDED_MAX &&
	    source->expanded_bytes / INPUT_RATIO_MAX > source->read_bytes)
		source->problem = "compressed data expands without limit";
	return (ssize_t)got;
}

ssize_t input_source_read(void *context, void *bytes, size_t size)
{
	struct input_source *source = context;

	if (!source->started && !start(source))
		return -1;
	/* The sizes of zlib have 32 bits. */
	if (size > (size_t)1 << 30)
		size = (size_t)1 << 30;
	if (source->kind != KIND_PLAIN)
		return read_compressed(source, bytes, size);
	if (source->begin == source->end) {
		ssize_t got = source->at_end ? 0 : read(source->fd, bytes, size);

		source->read_bytes += got > 0 ? (uint64_t)got : 0;
		return got;
	}
	if (size > source->end - source->begin)
		size = source->end - source->begin;
	memcpy(bytes, source->in + source->begin, size);
	source->begin += size;
	return (ssize_t)size;
}

void input_source_free(struct input_source *source)
{
	if (!source)
		return;
	if (source->kind == KIND_GZIP)
		inflateEnd(&source->gzip);
	ZSTD_freeDStream(source->zstd);
	free(source);
}
