/* base/new_file.h - a new file that is whole or not there
 *
 * The file is created through the descriptor of its directory, exclusively, never through a
 * symbolic link. Until new_file_publish() it has a temporary name in the same directory, so that no
 * part of it is ever visible under its own. Nothing here prints.
 *
 * Order of use: new_file_open(); writes to `fd`; then new_file_publish() and new_file_close(), or
 * new_file_discard() at any time.
 */
#ifndef BASE_NEW_FILE_H
#define BASE_NEW_FILE_H

#include <limits.h>
#include <stdbool.h>

#include "base/problem.h"

struct new_file_options {
	bool replace;    /* take the place of an existing regular file (--force) */
	bool lock;       /* hold a lock (flock(2)) while it is open: its writer is alive */
	bool early_name; /* give it its own name at once, unless it replaces another file */
	bool user_mode;  /* mode 0666 less the umask; otherwise 0600, whatever the umask */
	bool stream;     /* also accept a device or a pipe, which is opened as it is */
	/* Whether an existing file, open for reading, may be replaced without `replace`; NULL:
	 * never.
	 */
	bool (*is_own)(int fd);
};

struct new_file {
	struct new_file_options options;
	char path[PATH_MAX]; /* as the user typed it, for messages */
	char name[NAME_MAX + 1];
	char temporary[NAME_MAX + 1]; /* its name until it is published; empty: it has its own */
	bool replaces;    /* at new_file_open() a file had the name, and may be replaced */
	int directory_fd; /* -1 for a stream */
	int fd;           /* open for writing at the end */
};

/*
 * Creates the file. Refuses a directory, a symbolic link, what is not a regular file unless
 * options->stream, an existing file unless it may be replaced, and always a file that another
 * process holds locked. On success the caller must call new_file_close() or new_file_discard().
 * Returns false and sets *ret_problem on failure.
 */
bool new_file_open(const char *path, const struct new_file_options *options,
		   struct new_file *ret_file, struct problem *ret_problem);

/*
 * Syncs the file to the disk, gives it its name, and syncs its directory. What has the name is
 * checked once more: a file that got it since new_file_open() is replaced only under the same
 * conditions. Does nothing for a stream. Returns false and sets *ret_problem on failure; the
 * file then has its temporary name still.
 */
bool new_file_publish(struct new_file *file, struct problem *ret_problem);

/* Closes the descriptors; can be called again. Returns false and sets errno if close(2) reports an
 * error for the file. */
bool new_file_close(struct new_file *file);

/* Removes the file, unless something else has its name by now, and closes the descriptors. */
void new_file_discard(struct new_file *file);

#endif
