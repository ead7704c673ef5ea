/* record/output/output.c - the file of a recording: created safely, appended to, synced */
#include "record/output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <dz/sink.h>

bool output_open(const char *path, bool force, struct output *ret_output,
		 struct problem *ret_problem)
{
	const struct new_file_options options = {
		.replace = force,
		.lock = true,
		.early_name = true,
		.no_sync = true,
	};

	*ret_output = (struct output){.error = 0};
	return new_file_open(path, &options, &ret_output->file, ret_problem);
}

bool output_publish(struct output *output, struct problem *ret_problem)
{
	return new_file_publish(&output->file, ret_problem);
}

int output_open_to_read(const struct output *output)
{
	const struct new_file *file = &output->file;
	const char *name = file->temporary[0] != '\0' ? file->temporary : file->name;
	struct stat own, opened;
	int fd = openat(file->directory_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	/* Another user of the directory may have put another file there. */
	if (fd >= 0 && (fstat(file->fd, &own) != 0 || fstat(fd, &opened) != 0 ||
			own.st_ino != opened.st_ino || own.st_dev != opened.st_dev)) {
		(void)close(fd);
		errno = ESTALE;
		return -1;
	}
	return fd;
}

void output_truncate(struct output *output, uint64_t bytes)
{
	/* If this fails, readers still find the last complete block. */
	if (ftruncate(output->file.fd, (off_t)bytes) == 0)
		output->bytes = bytes;
}

static enum dz_status output_write(void *context, const struct iovec *pieces, int count)
{
	struct output *output = context;
	uint64_t size = 0;

	if (output->error) {
		errno = output->error;
		return DZ_IO;
	}
	for (int i = 0; i < count; i++)
		size += pieces[i].iov_len;
	if (output->bytes_max && size > output->bytes_max - output->bytes) {
		output->error = errno = EFBIG;
		return DZ_IO;
	}
	if (!dz_fd_write(output->file.fd, pieces, count)) {
		output->error = errno;
		output_truncate(output, output->bytes);
		errno = output->error;
		return DZ_IO;
	}
	output->bytes += size;
	return DZ_OK;
}

struct dz_sink output_sink(struct output *output)
{
	return (struct dz_sink){.context = output, .write = output_write};
}

static bool output_end_sync(struct output *output, int error)
{
	/* After an error the kernel forgets which pages it could not write: a second attempt would
	 * succeed without them. */
	if (error)
		output->error = error;
	else
		output->synced_bytes = output->syncing_bytes;
	output->syncing = NULL;
	return !output->error;
}

static bool output_wait_for_sync(struct output *output)
{
	return output->syncing ? output_end_sync(output, disk_sync_wait(output->syncing))
			       : !output->error;
}

bool output_check_sync(struct output *output)
{
	int error;

	if (output->syncing && disk_sync_ended(output->syncing, &error))
		return output_end_sync(output, error);
	return !output->error;
}

bool output_begin_sync(struct output *output, struct disk_sync *sync)
{
	if (!sync)
		return output_sync(output);
	if (!output_check_sync(output))
		return false;
	if (output->syncing || output->synced_bytes == output->bytes)
		return true;
	output->syncing = sync;
	output->syncing_bytes = output->bytes;
	disk_sync_begin(sync, output->file.fd);
	return true;
}

bool output_sync(struct output *output)
{
	if (!output_wait_for_sync(output))
		return false;
	if (output->synced_bytes == output->bytes)
		return true;
	output->syncing_bytes = output->bytes;
	return output_end_sync(output, disk_sync_now(output->file.fd));
}

bool output_problem(const struct output *output, struct problem *ret_problem)
{
	return problem_set(ret_problem, "%s: cannot write: %s: recording ended after %llu bytes",
			   output->file.path, strerror(output->error),
			   (unsigned long long)output->bytes);
}

static bool output_close_file(struct output *output)
{
	(void)output_wait_for_sync(output);
	return new_file_close(&output->file);
}

bool output_close(struct output *output)
{
	bool synced = output_sync(output);

	if (!output_close_file(output) && !output->error)
		output->error = errno;
	return synced && !output->error;
}

void output_discard(struct output *output)
{
	(void)output_wait_for_sync(output);
	new_file_discard(&output->file);
}
