/* analyze/program/zstd_stream.h - a stream that compresses what is written to it with zstd */
#ifndef ANALYZE_PROGRAM_ZSTD_STREAM_H
#define ANALYZE_PROGRAM_ZSTD_STREAM_H

#include <stdio.h>

/* Returns a stream whose text is compressed to `out`, as one frame that ends with fclose(). Borrows
 * `out`, which the caller must close after it. Returns NULL on allocation failure. An error of
 * `out` becomes one of the stream. */
FILE *zstd_stream_open(FILE *out);

#endif
