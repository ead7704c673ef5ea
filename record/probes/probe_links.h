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

struct reporting_link {
	int fd;       /* borrowed from the link */
	bool at_once; /* to several functions */
};

struct probe_links {
	struct diag_bpf *skeleton; /* borrowed; must be loaded before attaching */
	struct probe_list *list;   /* borrowed */
	struct links links;        /* calls follow returns, to be detached first */
	int *user_fds;             /* links of uprobe_multi.h, in the same order; owned */
	size_t user_fd_count;
	size_t user_fd_capacity;
	struct reporting_link *reporting; /* links that report misses */
	size_t reporting_count;
	size_t reporting_capacity;
	bool misses_unknown; /* of a link: memory ran out */
	int user_pid;        /* the only process whose user program is probed; -1: all */
	uint64_t attach_ns;  /* time that attaching took */
};

/* Attaches all probes; prints a message for each that cannot be attached. Returns false and sets
 * *ret_problem if none could be attached, if descriptors or memory run out, or if SIGINT or SIGTERM
 * is pending, which the caller must block. */
bool probe_links_attach(struct probe_links *links, struct problem *ret_problem);

/* Returns the number of attached links; functions can share one, so there can be fewer than probes.
 */
size_t probe_links_count(const struct probe_links *links);

/* Detaches all. The kernel detaches one by one, and can take a tenth of a second for each. */
void probe_links_release(struct probe_links *links);

#endif
