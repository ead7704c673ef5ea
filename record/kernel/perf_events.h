/* record/kernel/perf_events.h - an event of each CPU, with a program that runs whenever it occurs
 */
#ifndef RECORD_KERNEL_PERF_EVENTS_H
#define RECORD_KERNEL_PERF_EVENTS_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/kernel/links.h"

struct cpu_hotplug;

/* All 0 is none. */
struct perf_events {
	struct perf_event_attr attributes;
	int program;        /* its descriptor */
	int *fds;           /* by CPU; -1: none */
	uint32_t *arrivals; /* of its CPU, when an event was opened; 0: the links own it */
	size_t cpu_count;
};

/* Makes the events, on the CPUs that are there. `links` gets them. False with errno if there can be
 * none. */
bool perf_events_attach(struct perf_events *events, const struct bpf_program *program,
			const struct perf_event_attr *attributes, struct links *links);

/* To be called when CPUs have come: makes events there, too, as the attributes say. */
void perf_events_follow_cpus(struct perf_events *events, struct cpu_hotplug *cpus);

/* PERF_EVENT_IOC_ENABLE or PERF_EVENT_IOC_DISABLE, for all of them. */
void perf_events_switch(const struct perf_events *events, unsigned long request);

/* Those of CPUs that came are ended; the links stay. */
void perf_events_release(struct perf_events *events);

#endif
