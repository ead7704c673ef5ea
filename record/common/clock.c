/* record/common/clock.c - readings of the three clocks of a recording */
#include "record/common/clock.h"

#include <errno.h>
#include <limits.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_ATTEMPTS        5
#define CLOCK_CLOSE_ENOUGH_NS 500u
#define CLOCK_MOVED_NS        100000

static uint64_t clock_ns(clockid_t id)
{
	struct timespec now;

	(void)clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_boottime_ns(void)
{
	return clock_ns(CLOCK_BOOTTIME);
}

struct clock_reading clock_read(void)
{
	struct clock_reading best = {0};
	uint64_t best_gap_ns = UINT64_MAX;

	for (int i = 0; i < CLOCK_ATTEMPTS && best_gap_ns > CLOCK_CLOSE_ENOUGH_NS; i++) {
		struct clock_reading reading;
		uint64_t gap_ns;

		reading.boottime_ns = clock_ns(CLOCK_BOOTTIME);
		reading.monotonic_ns = clock_ns(CLOCK_MONOTONIC);
		reading.realtime_ns = clock_ns(CLOCK_REALTIME);
		gap_ns = clock_ns(CLOCK_BOOTTIME) - reading.boottime_ns;
		if (gap_ns < best_gap_ns) {
			best = reading;
			best_gap_ns = gap_ns;
		}
	}
	return best;
}

static bool clock_differs(uint64_t before_ns, uint64_t after_ns)
{
	int64_t moved_ns = (int64_t)(after_ns - before_ns);

	return moved_ns > CLOCK_MOVED_NS || moved_ns < -CLOCK_MOVED_NS;
}

bool clock_has_moved(const struct clock_reading *before, const struct clock_reading *after)
{
	return clock_differs(before->realtime_ns - before->boottime_ns,
			     after->realtime_ns - after->boottime_ns) ||
	       clock_differs(before->monotonic_ns - before->boottime_ns,
			     after->monotonic_ns - after->boottime_ns);
}

/* The timer itself never ends. */
int clock_watch_open(void)
{
	const struct itimerspec never = {.it_value.tv_sec = LONG_MAX};
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0 &&
	    timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

bool clock_watch_take(int fd)
{
	uint64_t expirations;

	return read(fd, &expirations, sizeof(expirations)) < 0 && errno == ECANCELED;
}
