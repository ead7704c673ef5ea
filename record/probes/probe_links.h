/* record/probes/probe_links.h - attaches programs to functions, tracepoints and USDT probes */
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
	struct diag_bpf *skeleton; /* borrowed; must be loaded before attaching */
	struct probe_list *list;   /* borrowed */
	struct links links;        /* calls follow returns, to be detached first */
	int *reporting_fds;        /* of the links that report misses; borrowed from links */
	size_t reporting_count;
	size_t reporting_capacity;
	bool at_once;       /* functions share a link, which reports no misses */
	int user_pid;       /* the only process whose user program is probed; -1: all */
	uint64_t attach_ns; /* time that attaching took */
};

/* Attaches all probes; prints a message for each that cannot be attached. Returns false and sets
 * *ret_problem if none could be attached, if descriptors or memory run out, or if SIGINT or SIGTERM
 * is pending, which the caller must block. */
bool probe_links_attach(struct probe_links *links, struct problem *ret_problem);

/* Returns the number of attached links; with at_once there can be fewer than probes. */
size_t probe_links_count(const struct probe_links *links);

/* Detaches all. The kernel detaches one by one, and can take a tenth of a second for each. */
void probe_links_release(struct probe_links *links);

#endif
