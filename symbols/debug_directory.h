/* symbols/debug_directory.h - debug files in a directory that the user named
 *
 * A search uses the build ID only: no other content of a trace becomes part of a file name. */
#ifndef SYMBOLS_DEBUG_DIRECTORY_H
#define SYMBOLS_DEBUG_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

/* Most entries of the directory that a scan reads. */
#define DEBUG_DIRECTORY_FILES_MAX 4096u

struct debug_directory_file;

struct debug_directory {
	int fd;
	bool scanned;
	struct debug_directory_file *files; /* in the directory itself, with their build IDs */
	size_t count;
	size_t capacity;
};

/* Opens the directory; the caller must call debug_directory_close(). Returns NOT_FOUND if it does
 * not exist, or IO with errno. */
MUST_CHECK enum symbols_status debug_directory_open(const char *path,
						    struct debug_directory *ret_directory);

/*
 * Opens a file with this build ID: .build-id/xx/yyyy.debug, xx/yyyy.debug, or any file in the
 * directory itself. Opens only regular files below the directory: links to other places are not
 * followed, and FIFOs and devices are not opened. The caller closes *ret_fd. Returns NOT_FOUND,
 * REFUSED, IO or NO_MEMORY.
 */
MUST_CHECK enum symbols_status debug_directory_find(struct debug_directory *directory,
						    const uint8_t *build_id, size_t build_id_bytes,
						    int *ret_fd);

/* Closes the directory and frees the memory. Call once for each debug_directory_open(). */
void debug_directory_close(struct debug_directory *directory);

#endif
