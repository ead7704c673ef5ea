/* record/output/output.c - the file of a recording: created safely, appended to, synced */
#include "record/output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/output/disk_sync.h"
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
	if (output->writer) {
		disk_writer_publish(output->writer, output->number);
		return true;
	}
	return new_file_publish(&output->file, ret_problem);
}

bool output_pass_on(struct output *output, struct disk_writer *writer, struct problem *ret_problem)
{
	output->number = disk_writer_take(writer, &output->file, output->bytes);
	if (output->number == 0)
		return problem_set(ret_problem,
				   "%s: cannot write: the helper process for the disk does not "
				   "answer",
				   output->file.path);
	output->writer = writer;
	output->synced_bytes = 0;
	return true;
}

/* Takes the failure of the process that writes the file, if there is one. */
static bool output_has_failed(struct output *output)
{
	uint64_t bytes;

	if (!output->error && output->writer) {
		output->error = disk_writer_error(output->writer, output->number, &bytes);
		if (output->error)
			output->bytes = bytes;
	}
	return output->error != 0;
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
	if (!output->writer && ftruncate(output->file.fd, (off_t)bytes) == 0)
		output->bytes = bytes;
}

static enum dz_status output_write(void *context, const struct iovec *pieces, int count)
{
	struct output *output = context;
	uint64_t size = 0;

	if (output_has_failed(output)) {
		errno = output->error;
		return DZ_IO;
	}
	for (int i = 0; i < count; i++)
		size += pieces[i].iov_len;
	if (output->bytes_max && size > output->bytes_max - output->bytes) {
		output->error = errno = EFBIG;
		return DZ_IO;
	}
	if (output->writer) {
		output->error = disk_writer_write(output->writer, output->number, output->bytes,
						  pieces, count);
		errno = output->error;
		if (output->error)
			return DZ_IO;
	} else if (!dz_fd_write(output->file.fd, pieces, count)) {
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

bool output_check(struct output *output)
{
	return !output_has_failed(output);
}

bool output_begin_sync(struct output *output)
{
	if (!output->writer)
		return output_sync(output);
	disk_writer_sync(output->writer, output->number);
	return output_check(output);
}

bool output_is_synced(const struct output *output)
{
	return !output->writer || disk_writer_is_synced(output->writer);
}

/* After an error the kernel forgets which pages it could not write: a second attempt would succeed
 * without them. */
bool output_sync(struct output *output)
{
	if (output->error || output->synced_bytes == output->bytes)
		return !output->error;
	if (output->writer)
		disk_writer_settle(output->writer, output->number);
	else
		output->error = disk_sync_now(output->file.fd);
	if (!output->error)
		output->synced_bytes = output->bytes;
	return output_check(output);
}

bool output_problem(const struct output *output, struct problem *ret_problem)
{
	return problem_set(ret_problem, "%s: cannot write: %s: recording ended after %llu bytes",
			   output->file.path, strerror(output->error),
			   (unsigned long long)output->bytes);
}

/* What was settled last stays if the end of the file cannot be written. */
static bool output_close_passed(struct output *output)
{
	disk_writer_close(output->writer, output->number,
			  output->synced_bytes < output->bytes ? output->synced_bytes : 0);
	return output_check(output);
}

bool output_close(struct output *output)
{
	bool synced;

	if (output->writer)
		return output_close_passed(output);
	synced = output_sync(output);
	if (!new_file_close(&output->file) && !output->error)
		output->error = errno;
	return synced && !output->error;
}

void output_discard(struct output *output)
{
	if (output->writer) {
		(void)output_close_passed(output);
		return;
	}
	new_file_discard(&output->file);
}
