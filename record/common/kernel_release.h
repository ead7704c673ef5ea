/* record/common/kernel_release.h - how old the running kernel is, by the number of its release */
#ifndef RECORD_COMMON_KERNEL_RELEASE_H
#define RECORD_COMMON_KERNEL_RELEASE_H

#include <stdbool.h>

/* The oldest kernel that diag-record was tested on: docs/portability.md. */
#define KERNEL_RELEASE_TESTED "6.1"

/* Returns whether a release such as "5.15.0-204-generic" is older than Linux MAJOR.MINOR. Not, if
 * it has no such number. */
bool kernel_release_is_before(const char *release, unsigned int major, unsigned int minor);

/* Returns whether the running kernel is older. Not, if its release is not known. */
bool kernel_is_before(unsigned int major, unsigned int minor);

/* Returns whether the running kernel is older than the oldest one that was tested. */
bool kernel_is_older_than_tested(void);

#endif
