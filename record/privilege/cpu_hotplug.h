/* record/privilege/cpu_hotplug.h - perf events on CPUs that come online during a recording
 *
 * A perf event stops when its CPU goes offline. Opening one on a CPU that comes online takes
 * privileges that diag-record drops before it records. A helper process keeps them.
 */
#ifndef RECORD_PRIVILEGE_CPU_HOTPLUG_H
#define RECORD_PRIVILEGE_CPU_HOTPLUG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"

struct cpu_hotplug;
struct perf_event_attr;

/* Starts the helper process, which ends with this one. Call before dropping privileges. Returns
 * false and sets *ret_problem on failure. On success the caller must call cpu_hotplug_end(). */
bool cpu_hotplug_start(struct cpu_hotplug **ret_hotplug, struct problem *ret_problem);

/* Returns a descriptor that is readable when the kernel reports that a CPU has come online; -1 if
 * the kernel does not: then cpu_hotplug_poll() must look often. */
int cpu_hotplug_descriptor(const struct cpu_hotplug *hotplug);

/* Reads what the kernel has reported. The next cpu_hotplug_poll() looks. Never waits. */
void cpu_hotplug_take_messages(struct cpu_hotplug *hotplug);

/* Looks for CPUs that have come online since the last call: if the kernel has reported one, and
 * every 9 s, as it does not report each way to start one; without a descriptor twice a second.
 * Returns whether there is one. */
bool cpu_hotplug_poll(struct cpu_hotplug *hotplug, uint64_t now_ns);

/* Returns how often that CPU has come online since the start. A perf event that was opened at
 * another count is dead. */
uint32_t cpu_hotplug_arrivals(const struct cpu_hotplug *hotplug, int cpu);

/* Opens a perf event for all processes on that CPU, as perf_event_open(2). Software events only.
 * Returns a descriptor that the caller must close, or -1 and sets errno. */
int cpu_hotplug_open(struct cpu_hotplug *hotplug, const struct perf_event_attr *attributes,
		     int cpu);

/* Reports if the helper process has ended or is stopped. NULL is allowed. */
void cpu_hotplug_watch(struct cpu_hotplug *hotplug);

/* Ends the helper process. NULL is allowed. */
void cpu_hotplug_end(struct cpu_hotplug *hotplug);

#endif
