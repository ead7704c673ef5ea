/* record/probes/probe_links.h - attaches programs to functions and tracepoints */
#ifndef RECORD_PROBES_PROBE_LINKS_H
#define RECORD_PROBES_PROBE_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/kernel/links.h"
#include "record/probes/probe_list.h"

struct diag_bpf;

struct probe_links {
	struct diag_bpf *skeleton; /* borrowed, as the list; loaded before anything is attached */
	struct probe_list *list;
	struct links links; /* calls after returns: they are detached first */
	int *asked;         /* descriptors of those of them that tell what they have missed */
	size_t asked_count;
	bool at_once;       /* functions share a link, which tells nothing */
	uint64_t attach_ns; /* what attaching took */
};

/* Attaches what can be, and says what cannot. False if that is all, for want of descriptors or
 * memory, or when SIGINT or SIGTERM waits, which must be blocked. */
bool probe_links_attach(struct probe_links *links, struct problem *ret_problem);

/* Links that are still attached; with at_once there may be fewer than probes. */
size_t probe_links_count(const struct probe_links *links);

/* Detaches all, which the kernel does one by one, and may take a tenth of a second for each. */
void probe_links_release(struct probe_links *links);

#endif
