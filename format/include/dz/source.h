/* dz/source.h - where a reader gets its bytes from: a file, memory, or a test */
#ifndef DZ_SOURCE_H
#define DZ_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include <dz/status.h>

struct dz_source {
	void *context;
	uint64_t size_bytes;
	/* Reads exactly size bytes at offset. DZ_TRUNCATED if the source has shrunk, DZ_IO with
	 * errno. */
	enum dz_status (*read_at)(void *context, uint64_t offset, void *out, size_t size);
};

/* A regular file by descriptor, read with pread(2), never mapped. The descriptor stays the caller's
 * and must outlive the source. DZ_IO with errno, also (ESPIPE) when it is not a regular file. */
DZ_MUST_CHECK enum dz_status dz_source_file(int fd, struct dz_source *ret_source);

/* Bytes in memory; they stay the caller's. */
struct dz_source dz_source_memory(const void *bytes, size_t size);

#endif
