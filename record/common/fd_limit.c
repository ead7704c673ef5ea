/* record/common/fd_limit.c - how many descriptors this process may have at once */
#include "record/common/fd_limit.h"

#include <sys/resource.h>

#include "bpf/event.h"

/* A kretprobe has two links, each with an event and a link; the rest is for files. */
#define WANTED     (4 * PROBES_MAX + 4096)
#define FEW_ENOUGH 64 /* where no limit can be read */

size_t fd_limit_raise(void)
{
	struct rlimit limit, higher;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return FEW_ENOUGH;
	higher.rlim_cur = higher.rlim_max = limit.rlim_max > WANTED ? limit.rlim_max : WANTED;
	if (setrlimit(RLIMIT_NOFILE, &higher) == 0)
		return higher.rlim_cur;
	higher.rlim_cur = higher.rlim_max = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &higher) == 0)
		return higher.rlim_cur;
	return limit.rlim_cur;
}
