/* record/kernel/tracefs.c - the directory where tracefs is mounted */
#include "record/kernel/tracefs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool tracefs_problem(int error, const char *place, struct problem *ret_problem)
{
	if (error == ENOENT)
		return problem_set(ret_problem,
				   "tracefs: not mounted: run mount -t tracefs tracefs "
				   "/sys/kernel/tracing");
	if (error == EACCES)
		return problem_set(ret_problem, "%s: not readable by this user: run as root",
				   place);
	if (error == EPERM)
		return problem_set(ret_problem,
				   "%s: not readable, the kernel is locked down: boot it with "
				   "lockdown=integrity, or without lockdown",
				   place);
	return problem_set(ret_problem, "%s: cannot open: %s", place, strerror(error));
}

const char *tracefs_find(struct problem *ret_problem)
{
	static const char *const places[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	const char *place = places[0];
	int error = ENOENT;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char path[PATH_MAX];
		int fd;

		/* Every tracefs has this file. Only open(2) reports a lockdown. */
		(void)snprintf(path, sizeof(path), "%s/available_events", places[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			(void)close(fd);
			return places[i];
		}
		if (error == ENOENT) {
			error = errno;
			place = places[i];
		}
	}
	(void)tracefs_problem(error, place, ret_problem);
	return NULL;
}
