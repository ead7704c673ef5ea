/* record/sections/section_timer.h - how often sections can be sampled without harm, and when at all
 *
 * A sample that takes longer than the time to the next one would stop a machine for good. So it is
 * measured what one costs, and samples never take more than a part of a CPU.
 */
#ifndef RECORD_SECTIONS_SECTION_TIMER_H
#define RECORD_SECTIONS_SECTION_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many times its cost is the least time from one sample to the next. */
#define SECTION_TIMER_COSTS 4u

/* From one sample to the next where it could not be measured what they cost. */
#define SECTION_TIMER_SAFE_NS 1000000u

/* Samples go on for so long after the last section has ended. */
#define SECTION_TIMER_QUIET_NS 1000000000u

/* The median of some measurements, which are put in order; 0 of none. */
uint64_t section_timer_cost_ns(uint64_t *costs_ns, size_t count);

/* From one sample to the next: as asked for if that may be, in whole microseconds. A cost of 0 is
 * one that is not known. */
uint64_t section_timer_period_ns(uint64_t asked_ns, uint64_t cost_ns);

/* What is seen of sections, and since when nothing is. All 0 at first. */
struct section_timer {
	bool is_on;
	uint64_t started; /* sections that have ever started */
	uint64_t quiet_since_ns;
};

/* Whether samples are to be on from now on: while threads are in a section, or when it is asked
 * for, and a second longer. */
bool section_timer_wanted(struct section_timer *timer, bool is_busy, uint64_t started,
			  uint64_t now_ns);

#endif
