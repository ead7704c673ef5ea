/* base/new_file.h - creation of files that are complete or do not exist
 *
 * The file is created through the descriptor of its directory, exclusively, and never through a
 * symbolic link. It has a temporary name in the same directory until new_file_publish(), so that no
 * incomplete file has its final name. Nothing here prints.
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
	bool replace;    /* replace an existing regular file (--force) */
	bool lock;       /* hold flock(2) while it is open, if possible: it is being written */
	bool early_name; /* use the final name at once, unless the file may replace another */
	bool no_sync;    /* publish without a sync of the file: the writer syncs it later */
	bool user_mode;  /* mode 0666 less the umask; otherwise 0600, whatever the umask */
	bool stream;     /* also open an existing device or FIFO */
	/* Returns whether an existing file, open for reading, may be replaced without
	 * `replace`; NULL: never. */
	bool (*is_own)(int fd);
};

struct new_file {
	struct new_file_options options;
	char path[PATH_MAX]; /* as the user typed it, for messages */
	char name[NAME_MAX + 1];
	char temporary[NAME_MAX + 1]; /* name until it is published; empty: `name` is used */
	bool replaces;                /* new_file_open() found a file that may be replaced */
	int directory_fd;             /* -1 for a stream */
	int fd;                       /* open for writing at the end */
};

/*
 * Creates the file. Refuses a directory, a symbolic link, any other file that is not regular
 * (unless options->stream), an existing file (unless it may be replaced), and always a locked file.
 * On success the caller must call new_file_close() or new_file_discard(). Returns false and sets
 * *ret_problem on failure. Opening a FIFO blocks until it has a reader.
 */
bool new_file_open(const char *path, const struct new_file_options *options,
		   struct new_file *ret_file, struct problem *ret_problem);

/*
 * Syncs the file, renames it to its final name, and syncs its directory. Checks the name once more:
 * a file that was created since new_file_open() is replaced only under the same conditions. Does
 * nothing for a stream. Returns false and sets *ret_problem on failure; the file then keeps its
 * temporary name.
 */
bool new_file_publish(struct new_file *file, struct problem *ret_problem);

/* Closes the descriptors; can be called again. Returns false and sets errno if close(2) reports an
 * error for the file. */
bool new_file_close(struct new_file *file);

/* Removes the file, also a published one, and closes the descriptors. Does not remove another file
 * that has its name by now. */
void new_file_discard(struct new_file *file);

#endif
