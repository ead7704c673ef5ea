/* analyze/fold/gzip_stream.h - a gzip file that is written to a stream */
#ifndef ANALYZE_FOLD_GZIP_STREAM_H
#define ANALYZE_FOLD_GZIP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct gzip_stream;

/* Borrows the stream. Returns NULL on allocation failure. */
struct gzip_stream *gzip_stream_open(FILE *out);

/* Compresses `size` bytes. Write errors are in the stream. */
void gzip_stream_write(struct gzip_stream *gzip, const void *bytes, size_t size);

/* Writes the end of the file and frees everything. */
void gzip_stream_close(struct gzip_stream *gzip);

#endif
