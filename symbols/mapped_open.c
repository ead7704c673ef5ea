/* symbols/mapped_open.c - opens the file of a mapping, also of a process that has exited */
#include "symbols/mapped_open.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "symbols/safe_open.h"

static bool is_same_inode(const struct file_identity *identity, const struct stat *status)
{
	return identity->inode == status->st_ino &&
	       identity->device_major == major(status->st_dev) &&
	       identity->device_minor == minor(status->st_dev);
}

/* A file on overlayfs is mapped with the device and inode of the layer that has it. */
static bool is_on_overlay(int fd)
{
	struct statfs status;

	return fstatfs(fd, &status) == 0 && status.f_type == OVERLAYFS_SUPER_MAGIC;
}

static bool is_mapped_file(const struct mapped_file *file, int fd)
{
	struct stat status;
	int64_t changed_ns;

	if (fstat(fd, &status) != 0)
		return false;
	if (file->identity.inode && !is_same_inode(&file->identity, &status) && !is_on_overlay(fd))
		return false;
	/* A new file may have got the same inode number, and another file the path. */
	changed_ns = status.st_ctim.tv_sec * INT64_C(1000000000) + status.st_ctim.tv_nsec;
	return changed_ns <= file->seen_ns;
}

static enum symbols_status open_by_path(int root_fd, const struct mapped_file *file, int *ret_fd)
{
	enum symbols_status status = safe_open_below(root_fd, file->path, ret_fd);

	if (status == SYMBOLS_OK && !is_mapped_file(file, *ret_fd)) {
		close(*ret_fd);
		return SYMBOLS_REFUSED;
	}
	return status;
}

static enum symbols_status open_in_process_root(pid_t pid, const struct mapped_file *file,
						int *ret_fd)
{
	char name[sizeof("/proc//root") + 12];
	enum symbols_status status;
	int root;

	snprintf(name, sizeof(name), "/proc/%d/root", (int)pid);
	root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return SYMBOLS_NOT_FOUND;
	status = open_by_path(root, file, ret_fd);
	close(root);
	return status;
}

static enum symbols_status open_map_file(pid_t pid, const struct mapping *mapping, int *ret_fd)
{
	char name[sizeof("/proc//map_files/-") + 12 + 32];

	snprintf(name, sizeof(name), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)pid,
		 mapping->start, mapping->end);
	return safe_open_trusted(name, ret_fd);
}

/* The kernel and the dynamic linker map the first segment of a file with the length of all of them,
 * and then replace the rest. Where that segment has the code, the mapping was seen with this
 * length: its name has another end now. */
static enum symbols_status open_shortened(pid_t pid, const struct mapping *mapping, int *ret_fd)
{
	char name[sizeof("/proc//maps") + 12];
	const struct mapping *now;
	struct mappings mappings;
	enum symbols_status status = SYMBOLS_NOT_FOUND;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return SYMBOLS_NOT_FOUND;
	mappings_init(&mappings, pid);
	if (mappings_read_proc(&mappings, fd) == SYMBOLS_OK) {
		now = mappings_find(&mappings, mapping->start);
		if (now && now->start == mapping->start && now->end < mapping->end)
			status = open_map_file(pid, now, ret_fd);
	}
	mappings_release(&mappings);
	close(fd);
	if (status == SYMBOLS_OK && !is_mapped_file(mapping->file, *ret_fd)) {
		close(*ret_fd);
		return SYMBOLS_REFUSED;
	}
	return status;
}

enum symbols_status mapped_open(pid_t pid, const struct mapping *mapping, int root_fd, int *ret_fd)
{
	enum symbols_status status = SYMBOLS_NOT_FOUND;

	if (pid > 0) {
		status = open_map_file(pid, mapping, ret_fd);
		if (status != SYMBOLS_OK)
			status = open_in_process_root(pid, mapping->file, ret_fd);
		if (status != SYMBOLS_OK)
			status = open_shortened(pid, mapping, ret_fd);
	}
	if (status != SYMBOLS_OK && root_fd >= 0)
		status = open_by_path(root_fd, mapping->file, ret_fd);
	return status;
}
