/* symbols/debug_directory.c - debug files in a directory that the user named */
#include "symbols/debug_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "symbols/debug_file.h"
#include "symbols/elf_image.h"
#include "symbols/safe_open.h"

struct debug_directory_file {
	char *name;
	uint8_t build_id[ELF_IMAGE_BUILD_ID_MAX];
	size_t build_id_bytes;
};

enum symbols_status debug_directory_open(const char *path, struct debug_directory *ret_directory)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? SYMBOLS_NOT_FOUND : SYMBOLS_IO;
	*ret_directory = (struct debug_directory){.fd = fd};
	return SYMBOLS_OK;
}

static enum symbols_status append(struct debug_directory *directory, const char *name,
				  const struct elf_image *image)
{
	struct debug_directory_file *grown =
		array_grow(directory->files, &directory->capacity, directory->count + 1,
			   sizeof(*grown), DEBUG_DIRECTORY_FILES_MAX);
	struct debug_directory_file *file;

	if (!grown)
		return SYMBOLS_NO_MEMORY;
	directory->files = grown;
	file = &grown[directory->count];
	file->name = strdup(name);
	if (!file->name)
		return SYMBOLS_NO_MEMORY;
	file->build_id_bytes = image->build_id_bytes;
	memcpy(file->build_id, image->build_id, image->build_id_bytes);
	directory->count++;
	return SYMBOLS_OK;
}

/* Adds the file if it is an ELF file with a build ID. Any problem means that it is not a debug
 * file. */
static enum symbols_status add_file(struct debug_directory *directory, const char *name)
{
	enum symbols_status status = SYMBOLS_OK;
	struct elf_image image;
	int fd;

	if (safe_open_below(directory->fd, name, &fd) != SYMBOLS_OK)
		return SYMBOLS_OK;
	if (elf_image_open(fd, &image) == SYMBOLS_OK) {
		if (image.build_id_bytes > 0)
			status = append(directory, name, &image);
		elf_image_release(&image);
	}
	close(fd);
	return status;
}

static enum symbols_status scan(struct debug_directory *directory)
{
	enum symbols_status status = SYMBOLS_OK;
	size_t seen = 0;
	int fd = openat(directory->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd >= 0 ? fdopendir(fd) : NULL;

	directory->scanned = true;
	if (!stream) {
		if (fd >= 0)
			close(fd);
		return SYMBOLS_IO;
	}
	while (status == SYMBOLS_OK && seen++ < DEBUG_DIRECTORY_FILES_MAX) {
		/* cppcheck-suppress readdirCalled ; no other thread has this directory stream */
		const struct dirent *entry = readdir(stream);

		if (!entry)
			break;
		if (entry->d_type == DT_REG || entry->d_type == DT_LNK ||
		    entry->d_type == DT_UNKNOWN)
			status = add_file(directory, entry->d_name);
	}
	closedir(stream);
	return status;
}

static enum symbols_status find_scanned(struct debug_directory *directory, const uint8_t *build_id,
					size_t build_id_bytes, int *ret_fd)
{
	enum symbols_status status = directory->scanned ? SYMBOLS_OK : scan(directory);

	for (size_t i = 0; i < directory->count && status == SYMBOLS_OK; i++) {
		const struct debug_directory_file *file = &directory->files[i];

		if (file->build_id_bytes == build_id_bytes &&
		    memcmp(file->build_id, build_id, build_id_bytes) == 0)
			return safe_open_below(directory->fd, file->name, ret_fd);
	}
	return status == SYMBOLS_OK ? SYMBOLS_NOT_FOUND : status;
}

enum symbols_status debug_directory_find(struct debug_directory *directory, const uint8_t *build_id,
					 size_t build_id_bytes, int *ret_fd)
{
	static const char *const prefixes[] = {".build-id/", ""};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		enum symbols_status status = debug_file_open_below(
			directory->fd, prefixes[i], build_id, build_id_bytes, ret_fd);

		if (status != SYMBOLS_NOT_FOUND)
			return status;
	}
	return find_scanned(directory, build_id, build_id_bytes, ret_fd);
}

void debug_directory_close(struct debug_directory *directory)
{
	for (size_t i = 0; i < directory->count; i++)
		free(directory->files[i].name);
	free(directory->files);
	close(directory->fd);
	*directory = (struct debug_directory){.fd = -1};
}
