/* base/new_file.c - creation of files that are complete or do not exist */
#include "base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PRIVATE_MODE 0600
#define USER_MODE    0666

#define TEMPORARY_NAMES 100u
#define LOCK_ATTEMPTS   100u
#define LOCK_PAUSE_US   1000u
#define CREATE_FLAGS    (O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)

/* What the final name refers to. */
enum occupant {
	OCCUPANT_NONE,
	OCCUPANT_FILE,  /* a regular file that is not locked */
	OCCUPANT_OTHER, /* can never be replaced */
};

static bool open_directory(const char *path, struct new_file *file, struct problem *ret_problem)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t size = slash ? (size_t)(slash - path) : 0;
	char directory[PATH_MAX] = ".";

	if (strlen(path) >= sizeof(file->path) || strlen(name) >= sizeof(file->name))
		return problem_set(ret_problem, "%.100s...: name too long", path);
	if (*name == '\0')
		return problem_set(ret_problem, "%s: is a directory: name a file", path);
	memcpy(file->path, path, strlen(path) + 1);
	memcpy(file->name, name, strlen(name) + 1);
	if (slash) {
		if (size == 0)
			size = 1;
		memcpy(directory, path, size);
		directory[size] = '\0';
	}
	file->directory_fd = open(directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	if (file->directory_fd < 0)
		return problem_set(ret_problem, "%s: cannot open its directory: %s", path,
				   strerror(errno));
	return true;
}

static int open_occupant(const struct new_file *file)
{
	return openat(file->directory_fd, file->name,
		      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

/* Whether the file is locked; false on a file system without locks. */
static bool is_locked(const struct new_file *file)
{
	int fd = open_occupant(file);
	bool locked;

	if (fd < 0)
		return false;
	locked = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	(void)close(fd);
	return locked;
}

/* Finds what has the final name. Sets *ret_problem if the result is OCCUPANT_OTHER. */
static enum occupant find_occupant(const struct new_file *file, struct problem *ret_problem)
{
	struct stat there;

	if (fstatat(file->directory_fd, file->name, &there, AT_SYMLINK_NOFOLLOW) != 0)
		return OCCUPANT_NONE;
	if (S_ISDIR(there.st_mode))
		problem_set(ret_problem, "%s: is a directory: name a file", file->path);
	else if (S_ISLNK(there.st_mode))
		problem_set(ret_problem, "%s: is a symbolic link: name the file itself",
			    file->path);
	else if (!S_ISREG(there.st_mode))
		problem_set(ret_problem, "%s: not a regular file: choose another name", file->path);
	else if (is_locked(file))
		problem_set(ret_problem,
			    "%s: another diag-record is writing it: choose another name",
			    file->path);
	else
		return OCCUPANT_FILE;
	return OCCUPANT_OTHER;
}

/* Whether the regular file with the final name may be replaced. */
static bool may_replace(const struct new_file *file)
{
	bool own;
	int fd;

	if (file->options.replace)
		return true;
	fd = file->options.is_own ? open_occupant(file) : -1;
	if (fd < 0)
		return false;
	own = file->options.is_own(fd);
	(void)close(fd);
	return own;
}

static bool report_existing(const struct new_file *file, struct problem *ret_problem)
{
	return problem_set(ret_problem, "%s: already exists: choose another name, or use --force",
			   file->path);
}

/* Decides whether the name may be used, and whether that replaces a file. */
static bool claim_name(struct new_file *file, struct problem *ret_problem)
{
	enum occupant occupant = find_occupant(file, ret_problem);

	if (occupant == OCCUPANT_OTHER)
		return false;
	file->replaces = occupant == OCCUPANT_FILE && may_replace(file);
	return occupant == OCCUPANT_NONE || file->replaces || report_existing(file, ret_problem);
}

/* Creates the file with a temporary name. The process id avoids the names of other running
 * programs, the number those of an earlier process with this id, and O_EXCL all others. */
static void create_temporary(struct new_file *file, mode_t mode)
{
	for (unsigned int i = 0; i < TEMPORARY_NAMES; i++) {
		(void)snprintf(file->temporary, sizeof(file->temporary), ".%.200s.%d.%u",
			       file->name, (int)getpid(), i);
		file->fd = openat(file->directory_fd, file->temporary, CREATE_FLAGS, mode);
		if (file->fd >= 0 || errno != EEXIST)
			break;
	}
	if (file->fd < 0)
		file->temporary[0] = '\0';
}

/* is_locked() of another process holds a shared lock for a short time, which would make a single
 * attempt fail. The number of attempts is limited, because any process that can read the file can
 * hold a lock for longer. */
static void lock(int fd)
{
	for (unsigned int i = 0; i < LOCK_ATTEMPTS; i++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			return;
		(void)usleep(LOCK_PAUSE_US);
	}
}

static bool create(struct new_file *file, struct problem *ret_problem)
{
	const struct new_file_options *options = &file->options;
	mode_t mode = options->user_mode ? USER_MODE : PRIVATE_MODE;

	/* With `replace`, a file that gets the name later must be replaced by a complete one. */
	if (options->early_name && !options->replace && !file->replaces)
		file->fd = openat(file->directory_fd, file->name, CREATE_FLAGS, mode);
	else
		create_temporary(file, mode);
	if (file->fd < 0)
		return problem_set(ret_problem, "%s: cannot create: %s", file->path,
				   strerror(errno));
	if (options->lock)
		lock(file->fd);
	if (options->user_mode || fchmod(file->fd, mode) == 0)
		return true;
	problem_set(ret_problem, "%s: cannot set its mode: %s", file->path, strerror(errno));
	new_file_discard(file);
	return false;
}

/* Opens a device or FIFO, also through a symbolic link such as /dev/stdout. Returns false, with
 * *file unchanged, if the path is neither. */
static bool open_stream(const char *path, struct new_file *file)
{
	struct stat there;

	if (stat(path, &there) != 0 || S_ISREG(there.st_mode) || S_ISDIR(there.st_mode) ||
	    strlen(path) >= sizeof(file->path))
		return false;
	memcpy(file->path, path, strlen(path) + 1);
	file->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return true;
}

bool new_file_open(const char *path, const struct new_file_options *options,
		   struct new_file *ret_file, struct problem *ret_problem)
{
	*ret_file = (struct new_file){.options = *options, .directory_fd = -1, .fd = -1};
	if (options->stream && open_stream(path, ret_file))
		return ret_file->fd >= 0 ||
		       problem_set(ret_problem, "%s: cannot open: %s", path, strerror(errno));
	if (open_directory(path, ret_file, ret_problem) && claim_name(ret_file, ret_problem) &&
	    create(ret_file, ret_problem))
		return true;
	(void)new_file_close(ret_file);
	return false;
}

/* Renames without replacing. Some file systems cannot do that, but can link, which never replaces
 * either. On others the check before it must suffice. */
static int rename_to_free_name(const struct new_file *file)
{
	int directory = file->directory_fd;

	if (renameat2(directory, file->temporary, directory, file->name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(directory, file->temporary, directory, file->name, 0) == 0)
		return unlinkat(directory, file->temporary, 0);
	if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS)
		return -1;
	return renameat(directory, file->temporary, directory, file->name);
}

static bool take_name(const struct new_file *file, struct problem *ret_problem)
{
	int directory = file->directory_fd;
	enum occupant occupant = find_occupant(file, ret_problem);
	int result;

	if (occupant == OCCUPANT_OTHER)
		return false;
	if (occupant == OCCUPANT_FILE && !may_replace(file))
		return report_existing(file, ret_problem);
	if (occupant == OCCUPANT_FILE)
		result = renameat(directory, file->temporary, directory, file->name);
	else
		result = rename_to_free_name(file);
	if (result == 0)
		return true;
	if (errno == EEXIST)
		return report_existing(file, ret_problem);
	return problem_set(ret_problem, "%s: cannot rename: %s", file->path, strerror(errno));
}

bool new_file_publish(struct new_file *file, struct problem *ret_problem)
{
	if (file->directory_fd < 0)
		return true;
	/* Some file systems cannot sync. */
	if (!file->options.no_sync && fsync(file->fd) != 0 && errno != EINVAL && errno != EROFS)
		return problem_set(ret_problem, "%s: cannot write: %s", file->path,
				   strerror(errno));
	if (file->temporary[0] != '\0') {
		if (!take_name(file, ret_problem))
			return false;
		file->temporary[0] = '\0';
	}
	/* The name must survive a crash of the machine. */
	(void)fsync(file->directory_fd);
	return true;
}

bool new_file_close(struct new_file *file)
{
	bool closed = file->fd < 0 || close(file->fd) == 0;
	int error = errno;

	if (file->directory_fd >= 0)
		(void)close(file->directory_fd);
	file->fd = -1;
	file->directory_fd = -1;
	errno = error;
	return closed;
}

void new_file_discard(struct new_file *file)
{
	const char *name = file->temporary[0] != '\0' ? file->temporary : file->name;
	struct stat own;
	struct stat there;

	/* Another user of the directory may have put another file there. */
	if (file->directory_fd >= 0 && file->fd >= 0 && fstat(file->fd, &own) == 0 &&
	    fstatat(file->directory_fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    own.st_ino == there.st_ino && own.st_dev == there.st_dev)
		(void)unlinkat(file->directory_fd, name, 0);
	(void)new_file_close(file);
}
