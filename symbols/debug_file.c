/* symbols/debug_file.c - separate debug files by build ID */
#include "symbols/debug_file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "symbols/elf_image.h"
#include "symbols/safe_open.h"

#define NAME_MAX_BYTES (2 * ELF_IMAGE_BUILD_ID_MAX + sizeof(".build-id//.debug"))

static void make_name(const char *prefix, const uint8_t *build_id, size_t build_id_bytes,
		      char *name)
{
	size_t used = (size_t)snprintf(name, NAME_MAX_BYTES, "%.10s%02x/", prefix, build_id[0]);

	for (size_t i = 1; i < build_id_bytes; i++)
		used += (size_t)snprintf(name + used, NAME_MAX_BYTES - used, "%02x", build_id[i]);
	snprintf(name + used, NAME_MAX_BYTES - used, ".debug");
}

static bool has_build_id(int fd, const uint8_t *build_id, size_t build_id_bytes)
{
	struct elf_image image;
	bool same;

	if (elf_image_open(fd, &image) != SYMBOLS_OK)
		return false;
	same = image.build_id_bytes == build_id_bytes &&
	       memcmp(image.build_id, build_id, build_id_bytes) == 0;
	elf_image_release(&image);
	return same;
}

enum symbols_status debug_file_open_below(int directory_fd, const char *prefix,
					  const uint8_t *build_id, size_t build_id_bytes,
					  int *ret_fd)
{
	char name[NAME_MAX_BYTES];
	enum symbols_status status;

	if (build_id_bytes < 2 || build_id_bytes > ELF_IMAGE_BUILD_ID_MAX)
		return SYMBOLS_NOT_FOUND;
	make_name(prefix, build_id, build_id_bytes, name);
	status = safe_open_below(directory_fd, name, ret_fd);
	if (status == SYMBOLS_OK && !has_build_id(*ret_fd, build_id, build_id_bytes)) {
		close(*ret_fd);
		return SYMBOLS_REFUSED;
	}
	return status;
}

enum symbols_status debug_file_open(const char *directory, const uint8_t *build_id,
				    size_t build_id_bytes, int *ret_fd)
{
	int directory_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	enum symbols_status status;

	if (directory_fd < 0)
		return SYMBOLS_NOT_FOUND;
	status =
		debug_file_open_below(directory_fd, ".build-id/", build_id, build_id_bytes, ret_fd);
	close(directory_fd);
	return status;
}
