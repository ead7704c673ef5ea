/* record/common/clock.h - readings of the clocks that times in a recording are related to */
#ifndef RECORD_COMMON_CLOCK_H
#define RECORD_COMMON_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* One moment, as three clocks call it; nanoseconds. */
struct clock_reading {
	uint64_t boottime_ns;
	uint64_t monotonic_ns;
	uint64_t realtime_ns;
};

/* Now by CLOCK_BOOTTIME, which also counts while the machine sleeps: the clock of all events. */
uint64_t clock_boottime_ns(void);

/* The three are read within a few hundred nanoseconds, or as near to each other as it gets. */
struct clock_reading clock_read(void);

/* Whether a clock has been set or the machine has slept in between: the offsets between the clocks
 * differ by more than 100 us. */
bool clock_has_moved(const struct clock_reading *before, const struct clock_reading *after);

#endif
