/* record/common/fd_limit.h - how many descriptors this process may have at once */
#ifndef RECORD_COMMON_FD_LIMIT_H
#define RECORD_COMMON_FD_LIMIT_H

#include <stddef.h>

/* Raises the limit as far as the system allows, and, where this process may set that itself, so far
 * that every probe of a recording has its descriptors. Returns the limit. A command that is to have
 * the limits of before must have been started: limits are inherited. */
size_t fd_limit_raise(void);

#endif
