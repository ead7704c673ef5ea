/* record/options/profile_options.h - the values of events of -e, such as the threshold of runq */
#ifndef RECORD_OPTIONS_PROFILE_OPTIONS_H
#define RECORD_OPTIONS_PROFILE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "record/options/sampled_event.h"

struct profile_options {
	uint64_t runq_ns;       /* shortest wait for a CPU that is recorded */
	bool has_runq_ns;       /* it was given */
	uint64_t cpu_period_ns; /* from one sample of a CPU to the next */
	uint32_t cpu_hertz;     /* the same, as a number a second */
	bool has_hertz;         /* it was given */
	bool has_offcpu_ns;     /* and this one */
	uint64_t offcpu_ns;     /* shorter times for which tasks are blocked are added up */
	struct sampled_event cpu_event;
};

/* Sets what `value` says about the event of -e NAME[:VALUE]; NULL: the default. Returns false if
 * that event has no value. A wrong value ends the program with status 2. */
bool profile_options_set(struct profile_options *options, const char *name, const char *value);

/* Sets the number of samples a second, the value of --freq. A wrong value, or another one than that
 * of -e cpu, ends the program with status 2. */
void profile_options_set_frequency(struct profile_options *options, const char *value);

#endif
