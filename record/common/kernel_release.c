/* record/common/kernel_release.c - how old the running kernel is, by the number of its release */
#include "record/common/kernel_release.h"

#include <stdio.h>
#include <sys/utsname.h>

/* KERNEL_RELEASE_TESTED. */
#define TESTED_MAJOR 6
#define TESTED_MINOR 1

bool kernel_release_is_before(const char *release, unsigned int major, unsigned int minor)
{
	unsigned int has_major, has_minor;

	if (sscanf(release, "%u.%u", &has_major, &has_minor) != 2)
		return false;
	return has_major < major || (has_major == major && has_minor < minor);
}

bool kernel_is_before(unsigned int major, unsigned int minor)
{
	struct utsname host;

	return uname(&host) == 0 && kernel_release_is_before(host.release, major, minor);
}

bool kernel_is_older_than_tested(void)
{
	return kernel_is_before(TESTED_MAJOR, TESTED_MINOR);
}
