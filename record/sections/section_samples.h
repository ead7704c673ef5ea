/* record/sections/section_samples.h - samples of sections: an event of the CPU's clock on each CPU
 *
 * The clocks tick only while somebody is in a section, and a little longer (section_timer.h). An
 * event for each thread would tick on fewer CPUs, but to make one takes rights that are given up
 * before the recording begins.
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

/* All 0 is none. */
struct section_samples {
	struct diag_bpf *skeleton; /* borrowed */
	uint64_t cost_ns;          /* of one sample; 0: not known */
	uint64_t period_ns;        /* from one to the next; 0: none are taken */
	struct perf_events events;
	bool is_on;
	struct section_timer timer;
};

/* Measures what a sample of the calling thread costs, which must be in a section. For some tens of
 * milliseconds the thread stays on its CPU and does nothing else. 0 if that cannot be known. */
uint64_t section_samples_measure_ns(struct diag_bpf *skeleton);

/* Makes the events, switched off. `links` gets them. False with errno if there can be none. */
bool section_samples_attach(struct section_samples *samples, struct diag_bpf *skeleton,
			    struct links *links, uint64_t period_ns);

/* Switches the events on or off, if that is due. To be called whenever the reader is awake. */
void section_samples_switch(struct section_samples *samples, uint64_t now_ns);

/* To be called when CPUs have come: sections are sampled there, too. */
void section_samples_follow_cpus(struct section_samples *samples, struct cpu_hotplug *cpus);

/* As perf_events_release(). */
void section_samples_release(struct section_samples *samples);

#endif
