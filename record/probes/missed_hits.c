/* record/probes/missed_hits.c - reads from the kernel how many hits it has missed */
#include "record/probes/missed_hits.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "diag.skel.h"

/* Runs the BPF program that reads the misses of a link; it replaces its input by the result. */
static bool read_misses(const struct probe_links *links, const struct reporting_link *link,
			struct probe_misses *ret_misses)
{
	struct probe_misses misses = {.link_fd = (uint32_t)link->fd, .at_once = link->at_once};
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &misses, .ctx_size_in = sizeof(misses));
	int fd = bpf_program__fd(links->skeleton->progs.probe_on_question);

	if (fd < 0 || bpf_prog_test_run_opts(fd, &run) != 0 || run.retval != 0)
		return false;
	*ret_misses = misses;
	return true;
}

void missed_hits_read(const struct probe_links *links, struct probe_misses *misses)
{
	struct probe_misses each, sum = {0};

	for (size_t i = 0; i < links->reporting_count; i++) {
		if (!read_misses(links, &links->reporting[i], &each))
			return;
		sum.nested += each.nested;
		sum.exhausted += each.exhausted;
	}
	if (links->reporting_count)
		*misses = sum;
}

bool missed_hits_are_reported(const struct probe_links *links)
{
	struct probe_misses misses;

	if (links->misses_unknown)
		return false;
	return links->reporting_count == 0 || read_misses(links, &links->reporting[0], &misses);
}
