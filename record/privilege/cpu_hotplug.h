/* record/privilege/cpu_hotplug.h - events of CPUs that come while a recording goes on
 *
 * An event of a CPU ends when that CPU goes. To open one on a CPU that is back, or that is there
 * for the first time, takes rights that a recording gives up before it begins: a process that does
 * nothing else keeps them.
 */
#ifndef RECORD_PRIVILEGE_CPU_HOTPLUG_H
#define RECORD_PRIVILEGE_CPU_HOTPLUG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/problem.h"

struct cpu_hotplug;
struct perf_event_attr;

/* Starts the process, which ends with this one. To be called before rights are given up. */
bool cpu_hotplug_start(struct cpu_hotplug **ret_events, struct problem *ret_problem);

/* Looks which CPUs have come since the last time, at most twice a second. Whether one has. */
bool cpu_hotplug_poll(struct cpu_hotplug *events, uint64_t now_ns);

/* How often that CPU has come since the start: what was opened when it had another number is of no
 * use any more. */
uint32_t cpu_hotplug_arrivals(const struct cpu_hotplug *events, int cpu);

/* As perf_event_open(2), for all processes on that CPU: a descriptor that the caller closes, or -1
 * with errno. Software events only. */
int cpu_hotplug_open(struct cpu_hotplug *events, const struct perf_event_attr *attributes, int cpu);

/* NULL is allowed. */
void cpu_hotplug_end(struct cpu_hotplug *events);

#endif
