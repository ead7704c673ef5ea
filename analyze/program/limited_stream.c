/* analyze/program/limited_stream.c - a stream that passes on a limited number of bytes */
#define _GNU_SOURCE
#include "analyze/program/limited_stream.h"

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/input_limit.h"

#define LIMIT_MIN      (UINT64_C(256) << 20)
#define LIMIT_FOR_BYTE 262144u

static ssize_t write_stream(void *cookie, const char *bytes, size_t size)
{
	struct limited_stream *stream = cookie;

	/* After a gap, nothing is written any more. */
	if (stream->is_over_limit || size > stream->left) {
		stream->is_over_limit = true;
		errno = EFBIG;
		return 0;
	}
	stream->left -= size;
	return fwrite(bytes, 1, size, stream->to) == size ? (ssize_t)size : 0;
}

uint64_t limited_stream_limit(uint64_t input_bytes)
{
	return input_limit(input_bytes, LIMIT_FOR_BYTE, LIMIT_MIN);
}

bool limited_stream_open(struct limited_stream *stream, FILE *to, uint64_t limit)
{
	static const cookie_io_functions_t functions = {.write = write_stream};

	*stream = (struct limited_stream){.to = to, .left = limit};
	stream->out = fopencookie(stream, "w", functions);
	if (!stream->out)
		return false;
	(void)setvbuf(stream->out, NULL, isatty(fileno(to)) ? _IOLBF : _IOFBF, 0);
	return true;
}

void limited_stream_close(struct limited_stream *stream)
{
	if (stream->out)
		fclose(stream->out);
	stream->out = NULL;
}
