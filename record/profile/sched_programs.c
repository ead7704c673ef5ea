/* record/profile/sched_programs.c - BPF side of waits for a CPU and of samples */
#include "record/profile/sched_programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "diag.skel.h"
#include "record/kernel/trace_targets.h"

#define NS_PER_SECOND UINT64_C(1000000000)

static bool set_entries(struct bpf_map *map, uint64_t count, struct problem *ret_problem)
{
	return bpf_map__set_max_entries(map, (uint32_t)count) == 0 ||
	       problem_set(ret_problem, "cannot set the size of a BPF map: %s", strerror(errno));
}

static bool set_sum_entries(struct bpf_map *marks, struct bpf_map *cells, uint32_t cells_per_cpu,
			    struct problem *ret_problem)
{
	const uint64_t cpus = (uint64_t)libbpf_num_possible_cpus();

	return !cells_per_cpu || (set_entries(marks, cpus, ret_problem) &&
				  set_entries(cells, 2 * cpus * cells_per_cpu, ret_problem));
}

/* Without randomness, events could be added to the cell of others. */
static bool choose_sums(const struct diag_bpf *skeleton, const struct options *options,
			struct sched_settings *settings, struct problem *ret_problem)
{
	if (!(options->events & (OPTIONS_CPU | OPTIONS_OFFCPU)))
		return true;
	if (getrandom(&settings->seed, sizeof(settings->seed), 0) != sizeof(settings->seed))
		return problem_set(ret_problem, "cannot read random numbers: %s", strerror(errno));
	if (options->events & OPTIONS_CPU)
		settings->cpu_cells =
			event_sums_cells_for(NS_PER_SECOND / options->profile.cpu_period_ns);
	if (options->events & OPTIONS_OFFCPU)
		settings->offcpu_cells = SUM_CELLS_MAX;
	return set_sum_entries(skeleton->maps.cpu_marks, skeleton->maps.cpu_cells,
			       settings->cpu_cells, ret_problem) &&
	       set_sum_entries(skeleton->maps.offcpu_marks, skeleton->maps.offcpu_cells,
			       settings->offcpu_cells, ret_problem);
}

/* Programs with a prefix, and the events that need them. */
static const struct {
	const char *prefix;
	uint32_t events;
} program_groups[] = {
	{INTERRUPT_PROGRAMS_PREFIX, OPTIONS_RUNQ | OPTIONS_OFFCPU},
	{SCHED_PROGRAMS_PREFIX, OPTIONS_RUNQ},
	{OFFCPU_PROGRAMS_PREFIX, OPTIONS_OFFCPU},
};

#define PROGRAM_GROUPS (sizeof(program_groups) / sizeof(program_groups[0]))

static bool is_in_group(const struct bpf_program *program)
{
	for (size_t i = 0; i < PROGRAM_GROUPS; i++) {
		if (links_has_prefix(program, program_groups[i].prefix))
			return true;
	}
	return false;
}

bool sched_programs_choose(struct diag_bpf *skeleton, const struct options *options,
			   struct problem *ret_problem)
{
	const bool records_waits = options->events & OPTIONS_RUNQ;
	struct sched_settings *settings = (void *)&skeleton->rodata->sched_settings;
	struct bpf_program *program;

	bpf_object__for_each_program(program, skeleton->obj)
	{
		for (size_t i = 0; i < PROGRAM_GROUPS; i++) {
			if (links_has_prefix(program, program_groups[i].prefix))
				bpf_program__set_autoload(
					program, options->events & program_groups[i].events &&
							 links_has_tracepoint(program));
		}
	}
	bpf_program__set_autoload(skeleton->progs.cpu_on_sample, options->events & OPTIONS_CPU);
	bpf_program__set_autoload(skeleton->progs.offcpu_look, options->events & OPTIONS_OFFCPU);
	settings->offcpu_ns = options->profile.offcpu_ns;
	settings->cpus = (uint32_t)libbpf_num_possible_cpus();
	/* A sample of --every also stands for those that are skipped. */
	if (sampled_event_is_clock(&options->profile.cpu_event))
		settings->cpu_period_ns = options->profile.cpu_period_ns *
					  (options->probes.every ? options->probes.every : 1);
	settings->runq_ns = options->profile.runq_ns;
	settings->every = options->probes.every;
	settings->max_per_second = options->probes.max_per_second;
	return (!records_waits ||
		set_entries(skeleton->maps.sched_cpus, settings->cpus, ret_problem)) &&
	       choose_sums(skeleton, options, settings, ret_problem);
}

struct sched_chosen sched_programs_chosen(const struct diag_bpf *skeleton, enum sched_choice choice)
{
	const int cpus = libbpf_num_possible_cpus();
	const uint32_t key = choice;
	struct sched_chosen sum = {0}, *each = calloc((size_t)(cpus > 0 ? cpus : 1), sizeof(*each));

	if (each && cpus > 0 &&
	    bpf_map_lookup_elem(bpf_map__fd(skeleton->maps.sched_choices), &key, each) == 0) {
		for (int cpu = 0; cpu < cpus; cpu++) {
			sum.happened += each[cpu].happened;
			sum.skipped_every += each[cpu].skipped_every;
			sum.skipped_rate += each[cpu].skipped_rate;
		}
	}
	free(each);
	return sum;
}

/* Returns false and sets errno on failure. */
static bool map_memory(const struct bpf_map *map, size_t bytes, void **ret_memory)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);

	if (memory == MAP_FAILED)
		return false;
	*ret_memory = memory;
	return true;
}

static size_t cells_bytes(const struct event_sums *sums, const struct event_sums_table *table)
{
	return sizeof(struct sum_cell) * 2 * sums->cpus * table->cells_per_cpu;
}

static size_t marks_bytes(const struct event_sums *sums)
{
	return sizeof(struct sum_mark) * sums->cpus;
}

static bool open_table(struct event_sums *sums, const struct bpf_map *cells,
		       const struct bpf_map *marks, uint32_t cells_per_cpu)
{
	struct event_sums_table *table = &sums->tables[sums->count++];
	void *memory;

	table->cells_per_cpu = cells_per_cpu;
	if (!map_memory(cells, cells_bytes(sums, table), &memory))
		return false;
	table->cells = memory;
	if (!map_memory(marks, marks_bytes(sums), &memory))
		return false;
	table->marks = memory;
	return true;
}

bool sched_programs_open(struct diag_bpf *skeleton, const struct options *options,
			 struct event_sums *ret_sums, struct problem *ret_problem)
{
	const struct sched_settings *settings = (const void *)&skeleton->rodata->sched_settings;

	ret_sums->cpus = settings->cpus;
	if (options->events & OPTIONS_CPU &&
	    !open_table(ret_sums, skeleton->maps.cpu_cells, skeleton->maps.cpu_marks,
			settings->cpu_cells))
		return problem_set(ret_problem, "cannot map a BPF map: %s", strerror(errno));
	if (options->events & OPTIONS_OFFCPU &&
	    !open_table(ret_sums, skeleton->maps.offcpu_cells, skeleton->maps.offcpu_marks,
			settings->offcpu_cells))
		return problem_set(ret_problem, "cannot map a BPF map: %s", strerror(errno));
	if (ret_sums->count)
		ret_sums->generation = &skeleton->bss->sum_generation;
	return true;
}

void sched_programs_close(struct event_sums *sums)
{
	for (size_t i = 0; i < sums->count; i++) {
		const struct event_sums_table *table = &sums->tables[i];

		if (table->cells)
			(void)munmap(table->cells, cells_bytes(sums, table));
		if (table->marks)
			(void)munmap(table->marks, marks_bytes(sums));
	}
	*sums = (struct event_sums){0};
}

bool sched_programs_attach(struct diag_bpf *skeleton, struct links *links,
			   struct problem *ret_problem)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, skeleton->obj)
	{
		if (!is_in_group(program) || !bpf_program__autoload(program))
			continue;
		if (!links_add(links, trace_targets_attach(program)))
			return problem_set(ret_problem, "cannot attach BPF program %s: %s",
					   bpf_program__name(program), strerror(errno));
	}
	return true;
}

static bool look_at_tasks(const struct bpf_link *iterator)
{
	const int fd = bpf_iter_create(bpf_link__fd(iterator));
	char bytes[64];

	if (fd < 0)
		return false;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	(void)close(fd);
	return true;
}

bool offcpu_programs_begin(struct diag_bpf *skeleton, struct bpf_link **ret_iterator,
			   struct problem *ret_problem)
{
	*ret_iterator = bpf_program__attach_iter(skeleton->progs.offcpu_look, NULL);
	return (*ret_iterator && look_at_tasks(*ret_iterator)) ||
	       problem_set(ret_problem, "cannot attach BPF program offcpu_look: %s",
			   strerror(errno));
}

void offcpu_programs_end(struct diag_bpf *skeleton, struct bpf_link *iterator)
{
	if (!iterator)
		return;
	skeleton->bss->offcpu_ends = 1;
	(void)look_at_tasks(iterator);
}

/* A clock counts the time in which a CPU is not idle. For counters, the kernel adapts the number of
 * events from one sample to the next. For what it counts itself, that number would be wrong. */
static struct perf_event_attr sample_attributes(const struct profile_options *profile)
{
	const struct sampled_event *event = &profile->cpu_event;
	struct perf_event_attr attributes = {
		.type = event->name[0] ? event->type : PERF_TYPE_SOFTWARE,
		.size = sizeof(attributes),
		.config = event->name[0] ? event->config : PERF_COUNT_SW_CPU_CLOCK,
	};

	if (sampled_event_is_clock(event)) {
		attributes.sample_period = profile->cpu_period_ns;
		attributes.exclude_idle = 1;
	} else if (sampled_event_is_counted(event)) {
		attributes.sample_period = 1;
	} else {
		attributes.sample_freq = profile->cpu_hertz;
		attributes.freq = 1;
	}
	return attributes;
}

bool sched_programs_sample(struct diag_bpf *skeleton, const struct profile_options *profile,
			   struct links *links, struct perf_events *ret_events,
			   struct problem *ret_problem)
{
	const struct perf_event_attr attributes = sample_attributes(profile);
	const char *name = profile->cpu_event.name;

	if (perf_events_attach(ret_events, skeleton->progs.cpu_on_sample, &attributes, links))
		return true;
	if (!name[0])
		return problem_set(ret_problem, "cannot open the clocks of samples: %s",
				   strerror(errno));
	if (errno == ENOENT || errno == EOPNOTSUPP || errno == ENODEV)
		return problem_set(ret_problem,
				   "cpu:%s: this machine has no such counter: use -e cpu for the "
				   "clock",
				   name);
	return problem_set(ret_problem, "cpu:%s: cannot sample: %s", name, strerror(errno));
}
