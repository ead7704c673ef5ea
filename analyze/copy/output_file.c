/* analyze/copy/output_file.c - a new file that is whole or not there */
#define _GNU_SOURCE
#include "analyze/copy/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text/escape.h"

#define OUTPUT_MODE 0600

static bool complain(const char *program, const char *path, const char *what, const char *why)
{
	fprintf(stderr, "%s: ", program);
	escape_write(stderr, ESCAPE_TERMINAL, path, strlen(path));
	fprintf(stderr, ": %s%s%s\n", what, why ? ": " : "", why ? why : "");
	return false;
}

static bool open_directory(const char *program, struct output_file *file)
{
	const char *slash = strrchr(file->path, '/');
	const char *name = slash ? slash + 1 : file->path;
	size_t size = slash ? (size_t)(slash - file->path) : 0;
	char directory[PATH_MAX] = ".";

	if (strlen(file->path) >= PATH_MAX || strlen(name) > NAME_MAX)
		return complain(program, file->path, "the name is too long", NULL);
	if (*name == '\0')
		return complain(program, file->path, "is a directory: name a file", NULL);
	memcpy(file->name, name, strlen(name) + 1);
	if (slash) {
		if (size == 0)
			size = 1;
		memcpy(directory, file->path, size);
		directory[size] = '\0';
	}
	file->directory_fd = open(directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (file->directory_fd < 0)
		return complain(program, file->path, "cannot open its directory", strerror(errno));
	return true;
}

/* Says what is in the way; true if the name is to be replaced, or nothing is there. */
static bool is_free(const char *program, const struct output_file *file, bool force)
{
	struct stat there;

	if (fstatat(file->directory_fd, file->name, &there, AT_SYMLINK_NOFOLLOW) != 0)
		return true;
	if (S_ISDIR(there.st_mode))
		return complain(program, file->path, "is a directory: name a file", NULL);
	if (S_ISLNK(there.st_mode))
		return complain(program, file->path, "is a symbolic link: name the file itself",
				NULL);
	if (!S_ISREG(there.st_mode))
		return complain(program, file->path, "is not a regular file: choose another name",
				NULL);
	return force ||
	       complain(program, file->path, "exists: choose another name, or use --force", NULL);
}

static bool create(const char *program, struct output_file *file, bool force)
{
	const char *name = file->name;

	if (force) {
		/* The process id keeps two of us apart, O_EXCL everybody else. */
		snprintf(file->temporary, sizeof(file->temporary), ".%.200s.%d", file->name,
			 (int)getpid());
		name = file->temporary;
	}
	file->fd = openat(file->directory_fd, name,
			  O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  OUTPUT_MODE);
	if (file->fd < 0)
		return complain(program, file->path, "cannot create it", strerror(errno));
	if (fchmod(file->fd, OUTPUT_MODE) == 0)
		return true;
	complain(program, file->path, "cannot set its mode", strerror(errno));
	output_file_discard(file);
	return false;
}

bool output_file_open(const char *program, const char *path, bool force,
		      struct output_file *ret_file)
{
	*ret_file = (struct output_file){.path = path, .directory_fd = -1, .fd = -1};
	if (!open_directory(program, ret_file))
		return false;
	if (is_free(program, ret_file, force) && create(program, ret_file, force))
		return true;
	if (ret_file->directory_fd >= 0)
		close(ret_file->directory_fd);
	return false;
}

static void close_descriptors(struct output_file *file)
{
	close(file->fd);
	close(file->directory_fd);
	file->fd = -1;
	file->directory_fd = -1;
}

bool output_file_publish(const char *program, struct output_file *file)
{
	const char *failed = NULL;

	/* Not every file system can sync. */
	if (fsync(file->fd) != 0 && errno != EINVAL && errno != EROFS)
		failed = "cannot be written";
	else if (file->temporary[0] != '\0' &&
		 renameat(file->directory_fd, file->temporary, file->directory_fd, file->name) != 0)
		failed = "cannot replace it";
	if (failed) {
		complain(program, file->path, failed, strerror(errno));
		output_file_discard(file);
		return false;
	}
	fsync(file->directory_fd);
	close_descriptors(file);
	return true;
}

void output_file_discard(struct output_file *file)
{
	const char *name = file->temporary[0] != '\0' ? file->temporary : file->name;
	struct stat own;
	struct stat there;

	/* Somebody who may write to the directory may have put something else under the name. */
	if (fstat(file->fd, &own) == 0 &&
	    fstatat(file->directory_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    own.st_ino == there.st_ino && own.st_dev == there.st_dev)
		unlinkat(file->directory_fd, name, 0);
	close_descriptors(file);
}
