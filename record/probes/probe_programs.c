/* record/probes/probe_programs.c - the BPF side of probes: programs, attaching and counts of hits
 */
#include "record/probes/probe_programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.skel.h"
#include "machine.h"
#include "record/common/kernel_release.h"
#include "record/kernel/kernel_types.h"
#include "record/kernel/links.h"
#include "record/probes/missed_hits.h"
#include "record/probes/probe_links.h"
#include "record/probes/probe_search.h"
#include "record/probes/queue_memory.h"
#include "record/probes/uprobe_multi.h"
#include "text/quantity.h"

#define PROBE_PROGRAMS_PREFIX "probe_on_" /* of the names of programs that are attached */
#define PROBE_QUEUE_BYTES     (16u << 20) /* of all CPUs together */
#define PROBE_QUEUE_MIN       64u         /* hits */
#define USDT_SPECS_MAX        8192u       /* different arguments of USDT probes */

struct probe_programs {
	struct diag_bpf *skeleton; /* borrowed */
	struct probe_list list;
	struct probe_links links;
	struct probe_misses before; /* misses while the probes were being attached */
	struct probe_misses misses; /* of all, as last read */
	uint64_t skipped_before;
	uint64_t skipped; /* at the stop */
	bool is_stopped;
	struct hit_queue_memory queue;
	int user_pid; /* as in struct probe_links */
};

bool probe_programs_kernel_has_kprobes(void)
{
	return access("/sys/bus/event_source/devices/kprobe/type", F_OK) == 0;
}

/* Whether the kernel can attach several functions of a form with one link. */
static bool can_attach_at_once(const struct probe_programs *programs, enum probe_form form)
{
	/* Linux 5.18, CONFIG_FPROBE */
	const bool calls_at_once = kernel_types_have("bpf_kprobe_multi_link", NULL);

	/* Before 46ba0e49b642 (6.10), such a link for a process is one for a thread of it. */
	if (probe_form_is_user(form))
		return programs->user_pid < 0 && uprobe_multi_is_available();
	/* Before 4346ba160409 (6.14), the kernel had space for two calls on each CPU of functions
	 * that share a link. Since then it passed no stack pointer to programs at returns, by which
	 * a call is found: on 6.17 its place holds what was there before.
	 * x86-64 passes it since 7.0. */
	if (form == PROBE_KRETPROBE)
		return calls_at_once && MACHINE_RETURNS_PASS_SP && !kernel_is_before(7, 0);
	return calls_at_once;
}

static void choose_programs(const struct probe_programs *programs)
{
	const struct diag_bpf *skeleton = programs->skeleton;
	const struct {
		struct bpf_program *program;
		enum probe_form form;
		bool many;
	} uses[] = {
		{skeleton->progs.probe_on_kprobe, PROBE_KPROBE, false},
		{skeleton->progs.probe_on_kprobe_multi, PROBE_KPROBE, true},
		{skeleton->progs.probe_on_kretprobe_call, PROBE_KRETPROBE, false},
		{skeleton->progs.probe_on_kretprobe_call_multi, PROBE_KRETPROBE, true},
		{skeleton->progs.probe_on_kretprobe, PROBE_KRETPROBE, false},
		{skeleton->progs.probe_on_kretprobe_multi, PROBE_KRETPROBE, true},
		{skeleton->progs.probe_on_tracepoint, PROBE_TRACEPOINT, false},
		{skeleton->progs.probe_on_uprobe, PROBE_UPROBE, false},
		{skeleton->progs.probe_on_uprobe_multi, PROBE_UPROBE, true},
		{skeleton->progs.probe_on_uretprobe_call, PROBE_URETPROBE, false},
		{skeleton->progs.probe_on_uretprobe_call_multi, PROBE_URETPROBE, true},
		{skeleton->progs.probe_on_uretprobe, PROBE_URETPROBE, false},
		{skeleton->progs.probe_on_uretprobe_multi, PROBE_URETPROBE, true},
		{skeleton->progs.probe_on_usdt, PROBE_USDT, false},
	};

	/* Loading a program that cannot be attached would only cost time in the verifier. */
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		if (uses[i].many && probe_form_is_user(uses[i].form))
			uprobe_multi_prepare(uses[i].program);
		bpf_program__set_autoload(
			uses[i].program,
			probe_list_has_form(&programs->list, uses[i].form) &&
				(!uses[i].many || can_attach_at_once(programs, uses[i].form)));
	}
	/* Programs of this type exist since Linux 5.14. */
	bpf_program__set_autoload(skeleton->progs.probe_on_question,
				  (probe_list_has_form(&programs->list, PROBE_KPROBE) ||
				   probe_list_has_form(&programs->list, PROBE_KRETPROBE)) &&
					  libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SYSCALL, NULL) ==
						  1);
}

/* Returns the longest kernel stack; the kernel refuses a map for longer ones. */
static uint32_t frames_max(void)
{
	FILE *file = fopen("/proc/sys/kernel/perf_event_max_stack", "re");
	char line[32] = "";
	uint64_t frames = EVENT_KERNEL_FRAMES_MAX;

	if (!file)
		return EVENT_KERNEL_FRAMES_MAX;
	if (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (!quantity_parse_count(line, UINT32_MAX, &frames) || frames == 0 ||
		    frames > EVENT_KERNEL_FRAMES_MAX)
			frames = EVENT_KERNEL_FRAMES_MAX;
	}
	(void)fclose(file);
	return (uint32_t)frames;
}

/* Compares a name up to its NUL: after that, the kernel can have the rest of a longer one. */
static void set_name_masks(struct probe_settings *settings, const struct filter_names *names)
{
	for (uint32_t i = 0; i < names->count && i < PROBE_NAMES_MAX; i++) {
		size_t length = strnlen(names->names[i], EVENT_COMM_BYTES);

		memset(settings->name_masks[i], 0xff,
		       length < EVENT_COMM_BYTES ? length + 1 : EVENT_COMM_BYTES);
	}
}

/* Hits with user stacks, arguments, fields or latencies do not go through the queues. */
static bool needs_queue(const struct probe_list *list, const struct options *options)
{
	bool needs = false;

	for (size_t i = 0; i < list->count && !options->probes.user_stacks; i++)
		needs |= !list->probes[i].with_fields &&
			 (list->probes[i].spec->form == PROBE_KPROBE ||
			  list->probes[i].spec->form == PROBE_TRACEPOINT);
	return needs;
}

static uint32_t queue_capacity(const struct probe_programs *programs, const struct options *options)
{
	uint64_t bytes = options->ring_bytes ? options->ring_bytes : PROBE_QUEUE_BYTES;
	uint32_t capacity = PROBE_QUEUE_MIN;

	if (!needs_queue(&programs->list, options))
		return capacity;
	bytes /= programs->queue.cpu_count * sizeof(struct probe_queued);
	while ((uint64_t)capacity * 2 <= bytes)
		capacity *= 2;
	return capacity;
}

static bool set_queue_sizes(struct probe_programs *programs, const struct options *options)
{
	const struct diag_bpf *skeleton = programs->skeleton;
	struct hit_queue_memory *queue = &programs->queue;
	int cpu_count = libbpf_num_possible_cpus();

	if (cpu_count <= 0)
		return false;
	queue->cpu_count = (uint32_t)cpu_count;
	queue->capacity = queue_capacity(programs, options);
	return bpf_map__set_max_entries(skeleton->maps.probe_count,
					queue->cpu_count * (uint32_t)programs->list.count) == 0 &&
	       bpf_map__set_max_entries(skeleton->maps.probe_cpus, queue->cpu_count) == 0 &&
	       bpf_map__set_max_entries(skeleton->maps.probe_queues,
					queue->cpu_count * queue->capacity) == 0;
}

static bool set_sizes(struct probe_programs *programs, const struct options *options,
		      struct problem *ret_problem)
{
	struct diag_bpf *skeleton = programs->skeleton;
	struct probe_settings *settings = (void *)&skeleton->rodata->probe_settings;
	uint32_t count = (uint32_t)programs->list.count;

	settings->min_latency_ns = options->probes.min_latency_ns;
	settings->every = options->probes.every;
	settings->max_per_second = options->probes.max_per_second;
	settings->user_stacks = options->probes.user_stacks;
	set_name_masks(settings, &options->filter.comms);
	if (bpf_map__set_value_size(skeleton->maps.probe_stacks,
				    frames_max() * (uint32_t)sizeof(uint64_t)) != 0 ||
	    bpf_map__set_max_entries(skeleton->maps.probe_configs, count) != 0 ||
	    !set_queue_sizes(programs, options))
		return problem_set(ret_problem,
				   "cannot set the sizes of the BPF maps of probes: %s",
				   strerror(errno));
	/* A USDT probe can be in many places, each with other registers. */
	if (probe_list_has_form(&programs->list, PROBE_USDT) &&
	    (bpf_map__set_max_entries(skeleton->maps.__bpf_usdt_specs, USDT_SPECS_MAX) != 0 ||
	     bpf_map__set_max_entries(skeleton->maps.__bpf_usdt_ip_to_spec_id, USDT_SPECS_MAX) !=
		     0))
		return problem_set(ret_problem,
				   "cannot set the sizes of the BPF maps of USDT probes: %s",
				   strerror(errno));
	settings->probe_count = count;
	settings->queue_hits = programs->queue.capacity;
	return true;
}

/* Kernel functions that do the work of a system call are mostly named after it. */
static const char *system_call_of(const char *function)
{
	static const char *const prefixes[] = {"__x64_sys_", "ksys_", "do_sys_", "vfs_", "do_"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (strncmp(function, prefixes[i], strlen(prefixes[i])) == 0)
			return function + strlen(prefixes[i]);
	}
	return function;
}

static bool fail_without_kprobes(const struct probe_programs *programs, struct problem *ret_problem)
{
	const struct probe *probe = programs->list.probes;
	char path[512], instead[256] = "tracepoint:CATEGORY:NAME";
	const char *call;

	/* At least one probe needs a kprobe. */
	while (probe->spec->form != PROBE_KPROBE && probe->spec->form != PROBE_KRETPROBE)
		probe++;
	call = system_call_of(probe->place);
	(void)snprintf(path, sizeof(path), "/sys/kernel/tracing/events/syscalls/sys_enter_%s",
		       call);
	if (access(path, F_OK) == 0)
		(void)snprintf(instead, sizeof(instead), "tracepoint:syscalls:sys_enter_%s", call);
	return problem_set(ret_problem,
			   "%s: this kernel has no kprobes (CONFIG_KPROBES is not set): use -e %s, "
			   "or see --check",
			   probe->name, instead);
}

/* Other processes then do not stop at probes that are only for one. Returns -1 if there are
 * several, or if the numbers are those of another pid namespace. */
static int only_process(const struct filter *filter)
{
	const struct filter_ranges *tgids = &filter->tgids;

	if (tgids->count != 1 || tgids->ranges[0].first != tgids->ranges[0].last ||
	    filter->pid_namespace)
		return -1;
	return (int)tgids->ranges[0].first;
}

static bool open_list(struct probe_programs *programs, const struct options *options,
		      struct problem *ret_problem)
{
	if (!probe_search_open(&options->probes, &programs->list, ret_problem))
		return false;
	if (!probe_programs_kernel_has_kprobes() &&
	    (probe_list_has_form(&programs->list, PROBE_KPROBE) ||
	     probe_list_has_form(&programs->list, PROBE_KRETPROBE)))
		return fail_without_kprobes(programs, ret_problem);
	programs->user_pid = only_process(&options->filter);
	choose_programs(programs);
	return set_sizes(programs, options, ret_problem);
}

bool probe_programs_open(struct diag_bpf *skeleton, const struct options *options,
			 struct probe_programs **ret_programs, struct problem *ret_problem)
{
	struct probe_programs *programs;
	struct bpf_program *program;

	*ret_programs = NULL;
	bpf_object__for_each_program(program, skeleton->obj)
	{
		if (links_has_prefix(program, PROBE_PROGRAMS_PREFIX))
			bpf_program__set_autoload(program, false);
	}
	if (options->probes.spec_count == 0) {
		(void)bpf_map__set_autocreate(skeleton->maps.probe_stacks, false);
		(void)bpf_map__set_autocreate(skeleton->maps.probe_sent_stacks, false);
		return true;
	}
	programs = calloc(1, sizeof(*programs));
	if (!programs)
		return problem_set(ret_problem, "out of memory");
	programs->skeleton = skeleton;
	if (!open_list(programs, options, ret_problem)) {
		probe_programs_free(programs);
		return false;
	}
	*ret_programs = programs;
	return true;
}

static bool enters_system_call(const struct probe *probe)
{
	static const char entries[] = "syscalls:sys_enter_";

	return probe->spec->form == PROBE_TRACEPOINT &&
	       (strncmp(probe->place, entries, sizeof(entries) - 1) == 0 ||
		strcmp(probe->place, "raw_syscalls:sys_enter") == 0);
}

static bool store_configs(const struct probe_programs *programs, struct problem *ret_problem)
{
	int fd = bpf_map__fd(programs->skeleton->maps.probe_configs);

	for (uint32_t i = 0; i < programs->list.count; i++) {
		const struct probe *probe = &programs->list.probes[i];
		const struct probe_config config = {
			.form = probe->spec->form,
			.with_arguments = probe->with_fields,
			.strings = probe->fields.strings,
			.pointees = probe->fields.pointees,
			.record_bytes = probe->fields.record_bytes,
			.path_argument = probe->fields.path_argument,
			.enters_system_call = enters_system_call(probe),
			.argument_count = probe->fields.argument_count,
		};

		if (bpf_map_update_elem(fd, &i, &config, BPF_ANY) != 0)
			return problem_set(ret_problem,
					   "cannot store the probes in their BPF map: %s",
					   strerror(errno));
	}
	return true;
}

const struct probe_list *probe_programs_list(const struct probe_programs *programs)
{
	return &programs->list;
}

struct probe_counts probe_programs_counts(const struct probe_programs *programs, size_t probe)
{
	int fd = bpf_map__fd(programs->skeleton->maps.probe_count);
	struct probe_counts each, sum = {0};

	for (uint32_t cpu = 0; cpu < programs->queue.cpu_count; cpu++) {
		uint32_t key = cpu * (uint32_t)programs->list.count + (uint32_t)probe;

		if (bpf_map_lookup_elem(fd, &key, &each) != 0)
			continue;
		sum.hits += each.hits;
		sum.skipped_every += each.skipped_every;
		sum.skipped_rate += each.skipped_rate;
		sum.skipped_latency += each.skipped_latency;
	}
	return sum;
}

bool probe_programs_map_queue(struct probe_programs *programs, struct hit_queue_memory *ret_memory,
			      struct problem *ret_problem)
{
	if (!queue_memory_map(programs->skeleton, &programs->queue, ret_problem))
		return false;
	*ret_memory = programs->queue;
	return true;
}

static uint64_t skipped_since_load(const struct probe_programs *programs)
{
	return links_skipped_runs(programs->skeleton->obj, PROBE_PROGRAMS_PREFIX);
}

static void enable_all(struct probe_programs *programs, bool on)
{
	*(volatile uint32_t *)&programs->skeleton->bss->probe_is_on = on;
}

bool probe_programs_attach(struct probe_programs *programs, const struct kallsyms *symbols,
			   struct problem *ret_problem)
{
	programs->links.skeleton = programs->skeleton;
	programs->links.list = &programs->list;
	programs->links.user_pid = programs->user_pid;
	if (!store_configs(programs, ret_problem))
		return false;
	probe_list_locate(&programs->list, symbols);
	if (!probe_links_attach(&programs->links, ret_problem))
		return false;
	missed_hits_read(&programs->links, &programs->before);
	programs->misses = programs->before;
	programs->skipped_before = skipped_since_load(programs);
	enable_all(programs, true);
	return true;
}

void probe_programs_stop(struct probe_programs *programs)
{
	enable_all(programs, false);
	missed_hits_read(&programs->links, &programs->misses);
	programs->skipped = skipped_since_load(programs);
	programs->is_stopped = true;
}

size_t probe_programs_links_count(const struct probe_programs *programs)
{
	return probe_links_count(&programs->links);
}

uint64_t probe_programs_attach_ns(const struct probe_programs *programs)
{
	return programs->links.attach_ns;
}

bool probe_programs_counts_misses(const struct probe_programs *programs)
{
	return missed_hits_are_reported(&programs->links);
}

struct probe_misses probe_programs_kernel_misses(struct probe_programs *programs)
{
	if (!programs->is_stopped)
		missed_hits_read(&programs->links, &programs->misses);
	return (struct probe_misses){
		.nested = programs->misses.nested - programs->before.nested,
		.exhausted = programs->misses.exhausted - programs->before.exhausted,
	};
}

uint64_t probe_programs_skipped(const struct probe_programs *programs)
{
	return (programs->is_stopped ? programs->skipped : skipped_since_load(programs)) -
	       programs->skipped_before;
}

void probe_programs_free(struct probe_programs *programs)
{
	if (!programs)
		return;
	probe_links_release(&programs->links);
	queue_memory_unmap(&programs->queue);
	probe_list_release(&programs->list);
	free(programs);
}
