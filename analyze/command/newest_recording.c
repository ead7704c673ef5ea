/* analyze/command/newest_recording.c - the newest recording in the current directory */
#define _GNU_SOURCE
#include "analyze/command/newest_recording.h"

#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The names that diag-record makes. */
#define PATTERN "diag-*.dz"

struct newest {
	char *name;
	struct timespec changed;
};

static bool is_later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* Takes a file that is newer. Of files with the same time, the last name in order is taken. */
static void consider(struct newest *newest, int directory, const char *name)
{
	struct stat status;
	char *copy;

	if (fnmatch(PATTERN, name, FNM_PERIOD) != 0 ||
	    fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
		return;
	if (newest->name &&
	    (is_later(&newest->changed, &status.st_mtim) ||
	     (!is_later(&status.st_mtim, &newest->changed) && strcmp(name, newest->name) < 0)))
		return;
	copy = strdup(name);
	if (!copy)
		return;
	free(newest->name);
	*newest = (struct newest){copy, status.st_mtim};
}

char *newest_recording(void)
{
	struct newest newest = {.name = NULL};
	const struct dirent *entry;
	DIR *directory = opendir(".");

	if (!directory)
		return NULL;
	while ((entry = readdir(directory)))
		consider(&newest, dirfd(directory), entry->d_name);
	closedir(directory);
	return newest.name;
}
