/* text/text_stream.c - a stream that makes a text in memory */
#include "text/text_stream.h"

#include <stdbool.h>
#include <stdlib.h>

FILE *text_stream_open(struct text_stream *stream)
{
	stream->text = NULL;
	stream->out = open_memstream(&stream->text, &stream->size);
	return stream->out;
}

char *text_stream_close(struct text_stream *stream)
{
	bool ok;

	if (!stream->out)
		return NULL;
	/* On allocation failure fclose() can succeed and leave no text, or a part of it. */
	ok = fflush(stream->out) == 0 && !ferror(stream->out);
	ok = fclose(stream->out) == 0 && ok && stream->text;
	stream->out = NULL;
	if (ok)
		return stream->text;
	free(stream->text);
	stream->text = NULL;
	return NULL;
}
