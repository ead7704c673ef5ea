/* record/profile/sched_programs.c - BPF side of waits for a CPU and of samples */
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
			bpf_program__set_autoload(program,
						  records_waits && links_has_tracepoint(program));
	}
	bpf_program__set_autoload(skeleton->progs.cpu_on_sample, options->events & OPTIONS_CPU);
	settings->cpu_period_ns = options->profile.cpu_period_ns;
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

/* The clock counts the time in which a CPU is not idle. */
bool sched_programs_sample(struct diag_bpf *skeleton, uint64_t period_ns, struct links *links,
			   struct perf_events *ret_events, struct problem *ret_problem)
{
	const struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attributes),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = period_ns,
		.exclude_idle = 1,
	};

	return perf_events_attach(ret_events, skeleton->progs.cpu_on_sample, &attributes, links) ||
	       problem_set(ret_problem, "cannot open the clocks of samples: %s", strerror(errno));
}
