/* record/probes/missed_hits.h - hits that the kernel knows it has missed */
#ifndef RECORD_PROBES_MISSED_HITS_H
#define RECORD_PROBES_MISSED_HITS_H

#include <stdbool.h>

#include "bpf/event.h"
#include "record/probes/probe_links.h"

/* Of all links that tell, the sums; what is there stays if they cannot be asked. */
void missed_hits_read(const struct probe_links *links, struct probe_misses *misses);

/* Whether the kernel tells of every link that misses something. */
bool missed_hits_are_reported(const struct probe_links *links);

#endif
