/* record/output/file_directory.c - a directory of recordings, with limits that outlive a recorder
 */
#include "record/output/file_directory.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record/output/naming.h"
#include <dz/file_header.h>

#define STREAM_NAME   ".diag-stream"
#define STREAM_DIGITS 16
/* One pass over the directory finds the oldest files, at most this many. Another pass follows if
 * more must go, so that memory is bounded. */
#define OLDEST_MAX 64u

struct own_file {
	struct timespec modified;
	uint64_t bytes;
	bool is_locked; /* it is being written */
	char name[NAME_MAX + 1];
};

/* What one pass found. `oldest` is sorted, the oldest file first, without those being written. */
struct own_files {
	uint64_t count;
	uint64_t bytes;
	size_t oldest_count;
	struct own_file oldest[OLDEST_MAX];
};

bool file_directory_is_meant(const char *path)
{
	size_t length = strlen(path);
	struct stat status;

	return length > 0 &&
	       (path[length - 1] == '/' || (stat(path, &status) == 0 && S_ISDIR(status.st_mode)));
}

static bool read_stream_id(int directory, uint64_t *ret_id)
{
	char digits[STREAM_DIGITS + 1] = "";
	int fd = openat(directory, STREAM_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	ssize_t size;
	char *end;

	if (fd < 0)
		return false;
	size = read(fd, digits, STREAM_DIGITS);
	(void)close(fd);
	if (size != STREAM_DIGITS)
		return false;
	*ret_id = strtoull(digits, &end, 16);
	return end == digits + STREAM_DIGITS && *ret_id != 0;
}

/* The file appears with its content. If another recorder has made it meanwhile, that one stays. */
static bool create_stream_id(int directory)
{
	char temporary[sizeof(STREAM_NAME) + 24];
	uint64_t id = 0;
	bool done;
	int fd;

	while (id == 0) {
		if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
			return false;
	}
	(void)snprintf(temporary, sizeof(temporary), STREAM_NAME ".%016" PRIx64, id);
	fd = openat(directory, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	done = dprintf(fd, "%016" PRIx64 "\n", id) == STREAM_DIGITS + 1 && fsync(fd) == 0;
	(void)close(fd);
	done = done &&
	       (linkat(directory, temporary, directory, STREAM_NAME, 0) == 0 || errno == EEXIST);
	(void)unlinkat(directory, temporary, 0);
	return done;
}

bool file_directory_open(const char *path, const char *host,
			 const struct file_directory_limits *limits,
			 struct file_directory *ret_directory, struct problem *ret_problem)
{
	struct file_directory *directory = ret_directory;
	size_t length = strlen(path);

	*directory = (struct file_directory){.fd = -1, .limits = *limits};
	if (length + 2 > sizeof(directory->path))
		return problem_set(ret_problem, "-o: name too long");
	(void)snprintf(directory->path, sizeof(directory->path), "%s%s", path,
		       length && path[length - 1] == '/' ? "" : "/");
	(void)snprintf(directory->host, sizeof(directory->host), "%s", host);
	(void)mkdir(directory->path, S_IRWXU);
	directory->fd = open(directory->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory->fd < 0)
		return problem_set(ret_problem, "%s: cannot open the directory: %s",
				   directory->path, strerror(errno));
	if (read_stream_id(directory->fd, &directory->stream_id) ||
	    (create_stream_id(directory->fd) &&
	     read_stream_id(directory->fd, &directory->stream_id)))
		return true;
	problem_set(ret_problem,
		    "%s%s: cannot read or create it: it holds 16 hexadecimal digits, and names the "
		    "files that diag-record may remove",
		    directory->path, STREAM_NAME);
	file_directory_close(directory);
	return false;
}

void file_directory_close(struct file_directory *directory)
{
	if (directory->fd >= 0)
		(void)close(directory->fd);
	directory->fd = -1;
}

bool file_directory_path(const struct file_directory *directory, time_t when, unsigned int number,
			 char *path, size_t capacity)
{
	char name[NAME_MAX + 1], first[PATH_MAX];
	int length;

	if (!naming_default(directory->host, when, name, sizeof(name)))
		return false;
	length = snprintf(first, sizeof(first), "%s%s", directory->path, name);
	return length > 0 && (size_t)length < sizeof(first) &&
	       naming_piece(first, number, path, capacity);
}

/* Whether a name is that of naming_default() for this host, or a numbered one after it. */
static bool has_own_form(const struct file_directory *directory, const char *name)
{
	static const char form[] = "dddddddd-dddddd";
	char prefix[FILE_DIRECTORY_HOST_BYTES + 8];
	size_t length;

	(void)snprintf(prefix, sizeof(prefix), "diag-%s-", directory->host);
	for (char *slash = prefix; (slash = strchr(slash, '/')) != NULL;)
		*slash = '_';
	length = strlen(prefix);
	if (strncmp(name, prefix, length) != 0)
		return false;
	name += length;
	for (const char *kind = form; *kind; kind++, name++) {
		if (*kind == 'd' ? !isdigit((unsigned char)*name) : *name != *kind)
			return false;
	}
	if (*name == '-')
		name += 1 + strspn(name + 1, "0123456789");
	return strcmp(name, ".dz") == 0;
}

static bool has_own_stream(const struct file_directory *directory, int fd)
{
	uint8_t bytes[DZ_FILE_HEADER_BYTES];
	struct dz_file_header header;
	uint64_t stream_id;

	if (pread(fd, bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes) ||
	    dz_file_header_decode(bytes, &header) != DZ_OK)
		return false;
	memcpy(&stream_id, header.uuid + sizeof(header.uuid) / 2, sizeof(stream_id));
	return stream_id == directory->stream_id;
}

/* Reads what is known of a file; returns false if it is not an own one. */
static bool read_own_file(const struct file_directory *directory, const char *name,
			  struct own_file *ret_file)
{
	struct stat status;
	bool is_own = false;
	int fd;

	if (strlen(name) >= sizeof(ret_file->name) || !has_own_form(directory, name))
		return false;
	fd = openat(directory->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && has_own_stream(directory, fd)) {
		*ret_file = (struct own_file){
			.modified = status.st_mtim,
			.bytes = (uint64_t)status.st_size,
			.is_locked = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK,
		};
		memcpy(ret_file->name, name, strlen(name) + 1);
		is_own = true;
	}
	(void)close(fd);
	return is_own;
}

/* Files of the same time are in the order of their names: "-9" before "-10". */
static bool is_older(const struct own_file *a, const struct own_file *b)
{
	if (a->modified.tv_sec != b->modified.tv_sec)
		return a->modified.tv_sec < b->modified.tv_sec;
	if (a->modified.tv_nsec != b->modified.tv_nsec)
		return a->modified.tv_nsec < b->modified.tv_nsec;
	return strverscmp(a->name, b->name) < 0;
}

static void add_own_file(struct own_files *files, const struct own_file *file)
{
	size_t at = files->oldest_count;

	files->count++;
	files->bytes += file->bytes;
	if (file->is_locked)
		return;
	if (at == OLDEST_MAX && !is_older(file, &files->oldest[at - 1]))
		return;
	if (at < OLDEST_MAX)
		files->oldest_count++;
	else
		at--;
	for (; at > 0 && is_older(file, &files->oldest[at - 1]); at--)
		files->oldest[at] = files->oldest[at - 1];
	files->oldest[at] = *file;
}

/* An entry as getdents64(2) returns it. readdir(3) would allocate memory. */
struct entry {
	uint64_t inode;
	int64_t next;
	unsigned short size;
	unsigned char type;
	char name[];
};

static bool find_own_files(const struct file_directory *directory, struct own_files *ret_files)
{
	_Alignas(struct entry) char buffer[8192];
	struct own_file file;
	long size;

	ret_files->count = ret_files->bytes = 0;
	ret_files->oldest_count = 0;
	if (lseek(directory->fd, 0, SEEK_SET) < 0)
		return false;
	while ((size = syscall(SYS_getdents64, directory->fd, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < size;) {
			const struct entry *entry = (const void *)(buffer + at);

			if (read_own_file(directory, entry->name, &file))
				add_own_file(ret_files, &file);
			at += entry->size;
		}
	}
	return size == 0;
}

/* Whether the oldest file must go. `files` includes what is reserved. */
static bool exceeds_limits(const struct file_directory *directory, const struct own_files *files,
			   const struct own_file *oldest)
{
	const struct file_directory_limits *limits = &directory->limits;
	const int64_t now_s = time(NULL);

	return (limits->count && files->count > limits->count) ||
	       (limits->bytes && files->bytes > limits->bytes) ||
	       (limits->age_s && now_s - oldest->modified.tv_sec > (int64_t)limits->age_s);
}

bool file_directory_prune(const struct file_directory *directory, unsigned int new_files,
			  uint64_t reserved_bytes, struct problem *ret_problem)
{
	struct own_files files;
	size_t i;

	do {
		if (!find_own_files(directory, &files))
			return problem_set(ret_problem, "%s: cannot list the directory: %s",
					   directory->path, strerror(errno));
		files.count += new_files;
		files.bytes += reserved_bytes;
		for (i = 0; i < files.oldest_count; i++) {
			const struct own_file *file = &files.oldest[i];

			if (!exceeds_limits(directory, &files, file))
				return true;
			if (unlinkat(directory->fd, file->name, 0) != 0 && errno != ENOENT)
				return problem_set(ret_problem, "%s%s: cannot remove it: %s",
						   directory->path, file->name, strerror(errno));
			files.count--;
			files.bytes -= file->bytes;
		}
	} while (i == OLDEST_MAX);
	return true;
}
