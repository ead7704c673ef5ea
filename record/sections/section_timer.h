/* record/sections/section_timer.h - the interval of samples, and when they are on
 *
 * If a sample took longer than the interval, the machine would hang. Therefore the cost of a sample
 * is measured, and samples take at most a quarter of a CPU.
 *
 * Example: --timer-us 10, and a sample costs 27 us. The interval is 4 * 27 = 108 us.
 */
#ifndef RECORD_SECTIONS_SECTION_TIMER_H
#define RECORD_SECTIONS_SECTION_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The interval is at least this many times the cost of a sample. */
#define SECTION_TIMER_COSTS 4u

/* Shortest interval if the cost is not known. */
#define SECTION_TIMER_SAFE_NS 1000000u

/* Samples continue for this time after the last section has ended. */
#define SECTION_TIMER_QUIET_NS 1000000000u

/* Sorts the measurements, and returns their median; 0 if there is none. */
uint64_t section_timer_cost_ns(uint64_t *costs_ns, size_t count);

/* Returns the requested interval, or the shortest safe one, rounded up to whole microseconds. A
 * cost of 0 is not known. */
uint64_t section_timer_period_ns(uint64_t requested_ns, uint64_t cost_ns);

/* Whether samples are on. Zeroed at first. */
struct section_timer {
	bool is_on;
	uint64_t started;        /* number of sections started so far */
	uint64_t quiet_since_ns; /* last time that a section was seen */
};

/* Returns whether samples must be on: while threads are in a section or request samples
 * (`is_busy`), or sections have started since the last call, and 1 s longer. */
bool section_timer_update(struct section_timer *timer, bool is_busy, uint64_t started,
			  uint64_t now_ns);

#endif
