/* analyze/command/newest_recording.c - the newest recording in the current directory */
#define _GNU_SOURCE
#include "analyze/command/newest_recording.h"

#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The names that diag-record makes. */
#define PATTERN "diag-*.dz"

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* Returns the newest regular file, or the last one of several with the same time; NULL: none. */
static const char *find_newest(const glob_t *names)
{
	struct timespec changed = {0, 0};
	const char *newest = NULL;

	for (size_t i = 0; i < names->gl_pathc; i++) {
		struct stat status;

		if (lstat(names->gl_pathv[i], &status) != 0 || !S_ISREG(status.st_mode) ||
		    (newest && is_later(&changed, &status.st_mtim)))
			continue;
		newest = names->gl_pathv[i];
		changed = status.st_mtim;
	}
	return newest;
}

char *newest_recording(void)
{
	glob_t names;
	const char *newest;
	char *copy = NULL;

	if (glob(PATTERN, 0, NULL, &names) != 0)
		return NULL;
	newest = find_newest(&names);
	if (newest)
		copy = strdup(newest);
	globfree(&names);
	return copy;
}
