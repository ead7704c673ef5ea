/* record/probes/missed_hits.h - hits that the kernel knows it has missed */
#ifndef RECORD_KERNEL_MISSES_H
#define RECORD_KERNEL_MISSES_H

#include <stdbool.h>

#include "bpf/event.h"
#include "record/probes/probe_links.h"

/* Of all links that tell, the sums; what is there stays if they cannot be asked. */
void kernel_misses_ask(const struct probe_links *links, struct probe_misses *misses);

/* Whether the kernel tells of every link that misses something. */
bool kernel_misses_are_told(const struct probe_links *links);

#endif
