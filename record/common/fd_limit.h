/* record/common/fd_limit.h - the limit of open descriptors of this process */
#ifndef RECORD_COMMON_FD_LIMIT_H
#define RECORD_COMMON_FD_LIMIT_H

#include <stddef.h>

/* Raises RLIMIT_NOFILE as far as the system allows; with the privilege to do so, far enough for
 * every probe of a recording. Returns the limit. Start the workload before: it inherits limits. */
size_t fd_limit_raise(void);

#endif
