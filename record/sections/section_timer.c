/* record/sections/section_timer.c - the interval of samples, and when they are on
 */
#include "record/sections/section_timer.h"

#include <stdlib.h>

#define NS_PER_US 1000u

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

uint64_t section_timer_cost_ns(uint64_t *costs_ns, size_t count)
{
	if (count == 0)
		return 0;
	qsort(costs_ns, count, sizeof(*costs_ns), compare);
	return costs_ns[count / 2];
}

uint64_t section_timer_period_ns(uint64_t requested_ns, uint64_t cost_ns)
{
	uint64_t shortest_ns = cost_ns ? cost_ns * SECTION_TIMER_COSTS : SECTION_TIMER_SAFE_NS;

	if (requested_ns >= shortest_ns)
		return requested_ns;
	return (shortest_ns + NS_PER_US - 1) / NS_PER_US * NS_PER_US;
}

bool section_timer_update(struct section_timer *timer, bool is_busy, uint64_t started,
			  uint64_t now_ns)
{
	if (is_busy || started != timer->started) {
		timer->quiet_since_ns = now_ns;
		timer->is_on = true;
	} else if (now_ns - timer->quiet_since_ns >= SECTION_TIMER_QUIET_NS) {
		timer->is_on = false;
	}
	timer->started = started;
	return timer->is_on;
}
