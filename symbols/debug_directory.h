/* symbols/debug_directory.h - a directory in which a person says that debug files are
 *
 * What is looked for is a build-id, and nothing else of a trace ever becomes a part of a name.
 */
#ifndef SYMBOLS_DEBUG_DIRECTORY_H
#define SYMBOLS_DEBUG_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/status.h"

/* So many files of a directory are looked at, at most. */
#define DEBUG_DIRECTORY_FILES_MAX 4096u

struct debug_directory_file;

struct debug_directory {
	int fd;
	bool scanned;
	struct debug_directory_file *files; /* those that lie in it, with their build-ids */
	size_t count;
	size_t capacity;
};

/* NOT_FOUND if there is no such directory, IO with errno. Close it afterwards. */
MUST_CHECK enum symbols_status debug_directory_open(const char *path,
						    struct debug_directory *ret_directory);

/*
 * Opens .build-id/xx/yyyy.debug, xx/yyyy.debug, or any file in the directory itself, that has this
 * build-id: a regular file below the directory, never what a link to elsewhere points to. Other
 * files are never waited for. The caller closes *ret_fd.
 */
MUST_CHECK enum symbols_status debug_directory_find(struct debug_directory *directory,
						    const uint8_t *build_id, size_t build_id_bytes,
						    int *ret_fd);

/* Only one that was opened. */
void debug_directory_close(struct debug_directory *directory);

#endif
