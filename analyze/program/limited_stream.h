/* analyze/program/limited_stream.h - a stream that passes on a limited number of bytes */
#ifndef ANALYZE_PROGRAM_LIMITED_STREAM_H
#define ANALYZE_PROGRAM_LIMITED_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The message for a stream that was over its limit. */
#define LIMITED_STREAM_PROBLEM                                                                     \
	"output: more than 262144 times as long as the files: select fewer events, or omit stacks"

struct limited_stream {
	FILE *out;          /* what is written to; fails with EFBIG beyond the limit */
	FILE *to;           /* borrowed */
	uint64_t left;      /* bytes */
	bool is_over_limit; /* something was not written because of the limit */
};

/* Returns how many bytes of text traces with so many bytes may make. A hit of a probe takes about
 * one byte, and its JSON with a deep stack of C++ and its source lines some hundred thousand. A
 * file can be made so that it has millions of events that share longer names and stacks. */
uint64_t limited_stream_limit(uint64_t input_bytes);

/* Opens stream->out, which writes to `to`, and by lines if that is a terminal. Returns false on
 * allocation failure. *stream must stay where it is. */
bool limited_stream_open(struct limited_stream *stream, FILE *to, uint64_t limit);

/* Writes what is buffered and closes stream->out, but not what it writes to. An error of that one
 * stays in it. */
void limited_stream_close(struct limited_stream *stream);

#endif
