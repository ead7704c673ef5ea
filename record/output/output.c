/* record/output/output.c - the file that a recording goes to */
#include "record/output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define OUTPUT_MODE       0600
#define OUTPUT_PIECES_MAX 64

static bool output_split(const char *path, struct output *output, struct problem *ret_problem)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t directory_size = slash ? (size_t)(slash - path) : 0;

	if (strlen(path) >= sizeof(output->path) || strlen(name) >= sizeof(output->name))
		return problem_set(ret_problem, "%.100s...: the name is too long", path);
	if (*name == '\0')
		return problem_set(ret_problem, "%s: is a directory: name a file", path);
	memcpy(output->path, path, strlen(path) + 1);
	memcpy(output->name, name, strlen(name) + 1);
	if (slash == path)
		directory_size = 1;
	memcpy(directory, path, directory_size);
	directory[directory_size] = '\0';
	output->directory_fd = open(slash ? directory : ".", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (output->directory_fd < 0)
		return problem_set(ret_problem, "%s: cannot open its directory: %s", path,
				   strerror(errno));
	return true;
}

/* Whether somebody writes that file: its writer holds a lock as long as it lives. A file system
 * without locks tells nothing. */
static bool output_is_being_written(const struct output *output)
{
	int fd = openat(output->directory_fd, output->name,
			O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool written;

	if (fd < 0)
		return false;
	written = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	(void)close(fd);
	return written;
}

/* Says what is in the way; false if the name is to be replaced, or nothing is there. */
static bool output_is_blocked(const struct output *output, bool force, struct problem *ret_problem)
{
	struct stat there;

	if (fstatat(output->directory_fd, output->name, &there, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	if (S_ISDIR(there.st_mode))
		problem_set(ret_problem, "%s: is a directory: name a file", output->path);
	else if (S_ISLNK(there.st_mode))
		problem_set(ret_problem, "%s: is a symbolic link: name the file itself",
			    output->path);
	else if (!S_ISREG(there.st_mode))
		problem_set(ret_problem, "%s: is not a regular file: choose another name",
			    output->path);
	else if (output_is_being_written(output))
		problem_set(ret_problem, "%s: another diag-record writes it: choose another name",
			    output->path);
	else if (!force)
		problem_set(ret_problem, "%s: exists: choose another name, or use --force",
			    output->path);
	else
		return false;
	return true;
}

static bool output_create(struct output *output, bool force, struct problem *ret_problem)
{
	const char *name = output->name;

	if (force) {
		/* Its own process id keeps two recorders apart, O_EXCL everybody else. */
		(void)snprintf(output->temporary, sizeof(output->temporary), ".%.200s.%d",
			       output->name, (int)getpid());
		name = output->temporary;
	}
	output->fd = openat(output->directory_fd, name,
			    O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    OUTPUT_MODE);
	if (output->fd < 0)
		return problem_set(ret_problem, "%s: cannot create it: %s", output->path,
				   strerror(errno));
	(void)flock(output->fd, LOCK_EX | LOCK_NB);
	if (fchmod(output->fd, OUTPUT_MODE) != 0) {
		problem_set(ret_problem, "%s: cannot set its mode: %s", output->path,
			    strerror(errno));
		output_discard(output);
		return false;
	}
	return true;
}

bool output_open(const char *path, bool force, struct output *ret_output,
		 struct problem *ret_problem)
{
	*ret_output = (struct output){.directory_fd = -1, .fd = -1};
	if (!output_split(path, ret_output, ret_problem))
		return false;
	if (output_is_blocked(ret_output, force, ret_problem) ||
	    !output_create(ret_output, force, ret_problem)) {
		if (ret_output->directory_fd >= 0)
			(void)close(ret_output->directory_fd);
		ret_output->directory_fd = -1;
		return false;
	}
	return true;
}

/* Only what was there may be replaced, and not if somebody has begun to write it meanwhile. */
static bool output_rename(const struct output *output, struct problem *ret_problem)
{
	struct stat there;
	bool exists = fstatat(output->directory_fd, output->name, &there, AT_SYMLINK_NOFOLLOW) == 0;
	int result = -1;

	if (output_is_blocked(output, true, ret_problem))
		return false;
	if (!exists) {
		result = renameat2(output->directory_fd, output->temporary, output->directory_fd,
				   output->name, RENAME_NOREPLACE);
		/* Not every file system can do it. */
		exists = result != 0 && (errno == EINVAL || errno == ENOSYS);
	}
	if (exists)
		result = renameat(output->directory_fd, output->temporary, output->directory_fd,
				  output->name);
	return result == 0 ||
	       problem_set(ret_problem, "%s: cannot replace it: %s", output->path, strerror(errno));
}

bool output_publish(struct output *output, struct problem *ret_problem)
{
	if (output->temporary[0] != '\0') {
		if (!output_rename(output, ret_problem))
			return false;
		output->temporary[0] = '\0';
	}
	/* So that the name survives a crash of the machine. Not every file system can do it. */
	(void)fsync(output->directory_fd);
	return true;
}

/* Continues after a short write, until everything is written or an error says why not. */
static bool output_write_pieces(int fd, struct iovec *pieces, int count)
{
	while (count > 0) {
		ssize_t written = writev(fd, pieces, count);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		while (count > 0 && (size_t)written >= pieces->iov_len) {
			written -= (ssize_t)pieces->iov_len;
			pieces++;
			count--;
		}
		if (count > 0) {
			pieces->iov_base = (char *)pieces->iov_base + written;
			pieces->iov_len -= (size_t)written;
		}
	}
	return true;
}

void output_truncate(struct output *output, uint64_t bytes)
{
	/* If this fails, a reader finds the last complete block by itself. */
	if (ftruncate(output->fd, (off_t)bytes) == 0)
		output->bytes = bytes;
}

static enum dz_status output_write(void *context, const struct iovec *pieces, int count)
{
	struct output *output = context;
	struct iovec rest[OUTPUT_PIECES_MAX];
	uint64_t size = 0;

	if (output->error || count > OUTPUT_PIECES_MAX) {
		errno = output->error ? output->error : EINVAL;
		return DZ_IO;
	}
	for (int i = 0; i < count; i++) {
		rest[i] = pieces[i];
		size += pieces[i].iov_len;
	}
	if (output->bytes_max && size > output->bytes_max - output->bytes) {
		output->error = errno = EFBIG;
		return DZ_IO;
	}
	if (!output_write_pieces(output->fd, rest, count)) {
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
	/* After an error the kernel forgets which pages it could not write: trying again would lie.
	 */
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
	disk_sync_begin(sync, output->fd);
	return true;
}

bool output_sync(struct output *output)
{
	if (!output_wait_for_sync(output))
		return false;
	if (output->synced_bytes == output->bytes)
		return true;
	output->syncing_bytes = output->bytes;
	return output_end_sync(output, disk_sync_now(output->fd));
}

bool output_problem(const struct output *output, struct problem *ret_problem)
{
	return problem_set(ret_problem, "%s: cannot write: %s: the recording ends after %llu bytes",
			   output->path, strerror(output->error),
			   (unsigned long long)output->bytes);
}

static bool output_close_descriptors(struct output *output)
{
	bool closed;

	(void)output_wait_for_sync(output);
	closed = output->fd < 0 || close(output->fd) == 0;
	output->fd = -1;
	if (output->directory_fd >= 0)
		(void)close(output->directory_fd);
	output->directory_fd = -1;
	return closed;
}

bool output_close(struct output *output)
{
	bool synced = output_sync(output);

	if (!output_close_descriptors(output) && !output->error)
		output->error = errno;
	return synced && !output->error;
}

void output_discard(struct output *output)
{
	const char *name = output->temporary[0] != '\0' ? output->temporary : output->name;
	struct stat own, there;

	/* Somebody who may write to the directory may have put something else under the name. */
	if (output->fd >= 0 && fstat(output->fd, &own) == 0 &&
	    fstatat(output->directory_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    own.st_ino == there.st_ino && own.st_dev == there.st_dev)
		(void)unlinkat(output->directory_fd, name, 0);
	(void)output_close_descriptors(output);
}
