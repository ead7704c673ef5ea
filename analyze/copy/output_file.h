/* analyze/copy/output_file.h - a new file that is whole or not there
 *
 * It is made exclusively, never through a symbolic link, with mode 0600 whatever the umask. Order
 * of use: output_file_open(), writing to its descriptor, then output_file_publish() or
 * output_file_discard().
 */
#ifndef ANALYZE_COPY_OUTPUT_FILE_H
#define ANALYZE_COPY_OUTPUT_FILE_H

#include <limits.h>
#include <stdbool.h>

struct output_file {
	const char *path; /* as people are told; borrowed */
	char name[NAME_MAX + 1];
	char temporary[NAME_MAX + 1]; /* its name until it is published; empty: it has its own */
	int directory_fd;
	int fd;
};

/*
 * Makes the file. An existing one is refused, unless `force` is set and it is a regular file: then
 * the new one takes its place when it is published. Prints why it cannot and returns false; nothing
 * needs to be released then.
 */
bool output_file_open(const char *program, const char *path, bool force,
		      struct output_file *ret_file);

/* Brings it to the disk and gives it its name. If that fails, it is removed and the reason printed.
 */
bool output_file_publish(const char *program, struct output_file *file);

/* Removes it. */
void output_file_discard(struct output_file *file);

#endif
