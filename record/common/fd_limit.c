/* record/common/fd_limit.c - the limit of open descriptors of this process */
#include "record/common/fd_limit.h"

#include <sys/resource.h>

#include "bpf/event.h"

/* A kretprobe has two links, each with two descriptors: a perf event and a link. The rest is for
 * files. */
#define TARGET_LIMIT   (4 * PROBES_MAX + 4096)
#define FALLBACK_LIMIT 64 /* if the limit cannot be read */

size_t fd_limit_raise(void)
{
	struct rlimit limit, higher;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return FALLBACK_LIMIT;
	higher.rlim_cur = higher.rlim_max =
		limit.rlim_max > TARGET_LIMIT ? limit.rlim_max : TARGET_LIMIT;
	if (setrlimit(RLIMIT_NOFILE, &higher) == 0)
		return higher.rlim_cur;
	higher.rlim_cur = higher.rlim_max = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &higher) == 0)
		return higher.rlim_cur;
	return limit.rlim_cur;
}
