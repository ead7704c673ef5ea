/* record/probes/missed_hits.h - reads from the kernel how many hits it has missed */
#ifndef RECORD_PROBES_MISSED_HITS_H
#define RECORD_PROBES_MISSED_HITS_H

#include <stdbool.h>

#include "bpf/event.h"
#include "record/probes/probe_links.h"

/* Sets *misses to the sums over all links that report misses. Leaves it unchanged on failure. */
void missed_hits_read(const struct probe_links *links, struct probe_misses *misses);

/* Returns whether the kernel reports the misses of every link. */
bool missed_hits_are_reported(const struct probe_links *links);

#endif
