/* record/common/clock.h - readings of the three clocks of a recording */
#ifndef RECORD_COMMON_CLOCK_H
#define RECORD_COMMON_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* The same time on three clocks. */
struct clock_reading {
	uint64_t boottime_ns;
	uint64_t monotonic_ns;
	uint64_t realtime_ns;
};

/* Returns CLOCK_BOOTTIME, the clock of all events. It also counts while the machine is suspended.
 */
uint64_t clock_boottime_ns(void);

/* Reads the three clocks within 500 ns of each other; after five attempts, returns the closest. */
struct clock_reading clock_read(void);

/* Returns whether a clock was set, or the machine was suspended, between two readings: an offset
 * between the clocks changed by more than 100 us. */
bool clock_has_moved(const struct clock_reading *before, const struct clock_reading *after);

/* Returns a descriptor that is readable when the time of day was set, or the machine was suspended,
 * since the last clock_watch_take(). The caller closes it. -1 on failure. */
int clock_watch_open(void);

/* Returns whether that has happened. Never waits. */
bool clock_watch_take(int fd);

#endif
