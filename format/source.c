/* format/source.c - sources that read a file or memory */
#include <dz/source.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The context pointer holds the descriptor itself, so that a source owns no memory. */
static enum dz_status file_read_at(void *context, uint64_t offset, void *out, size_t size)
{
	int fd = (int)(intptr_t)context;
	uint8_t *at = out;

	while (size) {
		ssize_t got = pread(fd, at, size, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return DZ_IO;
		if (got == 0)
			return DZ_TRUNCATED;
		at += got;
		offset += (uint64_t)got;
		size -= (size_t)got;
	}
	return DZ_OK;
}

enum dz_status dz_source_file(int fd, struct dz_source *ret_source)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return DZ_IO;
	if (!S_ISREG(status.st_mode)) {
		errno = ESPIPE;
		return DZ_IO;
	}
	*ret_source = (struct dz_source){
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): never dereferenced */
		.context = (void *)(intptr_t)fd,
		.size_bytes = (uint64_t)status.st_size,
		.read_at = file_read_at,
	};
	return DZ_OK;
}

/* Callers never read beyond size_bytes. */
static enum dz_status memory_read_at(void *context, uint64_t offset, void *out, size_t size)
{
	memcpy(out, (const uint8_t *)context + offset, size);
	return DZ_OK;
}

struct dz_source dz_source_memory(const void *bytes, size_t size)
{
	struct dz_source source = {.size_bytes = size, .read_at = memory_read_at};

	/* The source only reads the bytes; context is not a const pointer. */
	memcpy(&source.context, &bytes, sizeof(bytes));
	return source;
}
