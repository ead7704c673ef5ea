/* text/text_stream.h - a stream that makes a text in memory */
#ifndef TEXT_TEXT_STREAM_H
#define TEXT_TEXT_STREAM_H
#include <stdio.h>

struct text_stream {
	FILE *out; /* to write to */
	char *text;
	size_t size;
};

/* Opens the stream. Returns NULL, with out NULL, on allocation failure. */
FILE *text_stream_open(struct text_stream *stream);

/* Closes the stream and returns its text, which the caller frees. Returns NULL if it could not be
 * opened, or on allocation failure while it was written. */
char *text_stream_close(struct text_stream *stream);
#endif
