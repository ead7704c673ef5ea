/* dz/source.h - origin of the bytes that a reader reads: a file or memory */
#ifndef DZ_SOURCE_H
#define DZ_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include <dz/status.h>

struct dz_source {
	void *context;
	uint64_t size_bytes;
	/* Reads exactly `size` bytes at `offset`; offset + size is at most size_bytes. Returns
	 * DZ_TRUNCATED if the source has become shorter, DZ_IO and sets errno if reading fails. */
	enum dz_status (*read_at)(void *context, uint64_t offset, void *out, size_t size);
};

/* Sets *ret_source to a regular file, which is read with pread(2). Borrows the descriptor. Returns
 * DZ_IO and sets errno on failure, ESPIPE if it is not a regular file. */
DZ_MUST_CHECK enum dz_status dz_source_file(int fd, struct dz_source *ret_source);

/* Returns a source of bytes in memory, which it borrows. */
struct dz_source dz_source_memory(const void *bytes, size_t size);

#endif
