/* record/profile/sched_programs.c - BPF side of waits for a CPU */
#include "record/profile/sched_programs.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "diag.skel.h"

bool sched_programs_choose(struct diag_bpf *skeleton, const struct options *options,
			   struct problem *ret_problem)
{
	const bool records_waits = options->events & OPTIONS_RUNQ;
	struct sched_settings *settings = (void *)&skeleton->rodata->sched_settings;
	struct bpf_program *program;

	bpf_object__for_each_program(program, skeleton->obj)
	{
		if (links_has_prefix(program, SCHED_PROGRAMS_PREFIX))
			bpf_program__set_autoload(program, records_waits);
	}
	if (!records_waits)
		return true;
	settings->runq_ns = options->profile.runq_ns;
	if (bpf_map__set_max_entries(skeleton->maps.sched_cpus,
				     (uint32_t)libbpf_num_possible_cpus()) != 0)
		return problem_set(ret_problem, "cannot set the size of a BPF map: %s",
				   strerror(errno));
	return true;
}

bool sched_programs_attach(struct diag_bpf *skeleton, struct links *links,
			   struct problem *ret_problem)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, skeleton->obj)
	{
		if (!links_has_prefix(program, SCHED_PROGRAMS_PREFIX) ||
		    !bpf_program__autoload(program))
			continue;
		if (!links_add(links, bpf_program__attach(program)))
			return problem_set(ret_problem, "cannot attach BPF program %s: %s",
					   bpf_program__name(program), strerror(errno));
	}
	return true;
}
