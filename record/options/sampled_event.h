/* record/options/sampled_event.h - the event whose occurrences -e cpu samples, by its name in perf
 */
#ifndef RECORD_OPTIONS_SAMPLED_EVENT_H
#define RECORD_OPTIONS_SAMPLED_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"

#define SAMPLED_EVENT_NAME_MAX 40

/* Zeroed: the clock of each CPU. */
struct sampled_event {
	char name[SAMPLED_EVENT_NAME_MAX]; /* as typed */
	uint32_t type;                     /* enum perf_type_id */
	uint64_t config;
};

/* Parses a name that perf list prints, such as cycles, LLC-load-misses or page-faults. For any
 * other text, returns false and sets *ret_problem to the reason, with similar names. */
bool sampled_event_parse(const char *text, struct sampled_event *ret_event,
			 struct problem *ret_problem);

/* Whether it counts time: a sample then stands for a time, not for a number of events. */
bool sampled_event_is_clock(const struct sampled_event *event);

/* Whether each one is sampled, as the kernel counts them itself: page faults and so on. */
bool sampled_event_is_counted(const struct sampled_event *event);

#endif
