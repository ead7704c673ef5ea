/* record/sections/section_samples.h - samples of sections: a clock event on each CPU
 *
 * The clocks run only while a thread is in a section, and a little longer (section_timer.h). An
 * event for each thread would interrupt fewer CPUs, but opening one takes privileges that are
 * dropped before the recording starts.
 */
#ifndef RECORD_SECTIONS_SECTION_SAMPLES_H
#define RECORD_SECTIONS_SECTION_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/kernel/links.h"
#include "record/kernel/perf_events.h"
#include "record/sections/section_timer.h"

struct cpu_hotplug;
struct diag_bpf;

/* Zeroed: none. */
struct section_samples {
	struct diag_bpf *skeleton; /* borrowed */
	uint64_t cost_ns;          /* of one sample; 0: not known */
	uint64_t period_ns;        /* interval of samples; 0: none */
	struct perf_events events;
	bool is_on;
	struct section_timer timer;
};

/* Measures the cost of a sample of the calling thread, which must be in a section. Takes some tens
 * of milliseconds, on one CPU. Returns 0 if it cannot be measured. */
uint64_t section_samples_measure_ns(struct diag_bpf *skeleton);

/* Opens the events, disabled. `links` owns them. Returns false and sets errno if none could be
 * opened. */
bool section_samples_attach(struct section_samples *samples, struct diag_bpf *skeleton,
			    struct links *links, uint64_t period_ns);

/* Switches the events on or off if necessary. Call whenever ring buffers are read. */
void section_samples_switch(struct section_samples *samples, uint64_t now_ns);

/* Samples on CPUs that have come online. Call when cpu_hotplug_poll() returns true. */
void section_samples_follow_cpus(struct section_samples *samples, struct cpu_hotplug *cpus);

/* Closes the events; see perf_events_release(). */
void section_samples_release(struct section_samples *samples);

#endif
