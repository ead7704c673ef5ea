/* record/kernel/perf_events.h - a perf event on each CPU that runs a BPF program */
#ifndef RECORD_KERNEL_PERF_EVENTS_H
#define RECORD_KERNEL_PERF_EVENTS_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/kernel/links.h"

struct cpu_hotplug;

/* Zeroed: none. */
struct perf_events {
	struct perf_event_attr attributes;
	int program_fd;     /* borrowed */
	int *fds;           /* by CPU; -1: none */
	uint32_t *arrivals; /* cpu_hotplug_arrivals() when it was opened; 0: the links own it */
	size_t cpu_count;
};

/* Opens the events on all CPUs that are online, and attaches the program. `links` owns them.
 * Returns false and sets errno if none could be opened. */
bool perf_events_attach(struct perf_events *events, const struct bpf_program *program,
			const struct perf_event_attr *attributes, struct links *links);

/* Opens the events on CPUs that have come online. Call when cpu_hotplug_poll() returns true. */
void perf_events_follow_cpus(struct perf_events *events, struct cpu_hotplug *cpus);

/* Applies PERF_EVENT_IOC_ENABLE or PERF_EVENT_IOC_DISABLE to all events. */
void perf_events_switch(const struct perf_events *events, unsigned long request);

/* Closes the events of CPUs that came online later; the links own the others. */
void perf_events_release(struct perf_events *events);

#endif
