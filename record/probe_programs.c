/* record/probe_programs.c - the kernel side of probes: what is attached, and what became of hits */
#include "record/probe_programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "diag.skel.h"
#include "record/links.h"
#include "record/message.h"

#define PROBE_PREFIX "probe_on_"

struct probe_programs {
	struct diag_bpf *skeleton; /* borrowed */
	struct probe_list list;
	struct links links; /* calls after returns: they are detached first */
};

/* How the functions of one form are attached: all at once, or one by one. */
struct probe_way {
	enum probe_form form;
	struct bpf_program *single;
	struct bpf_program *multi;
	bool at_return;
};

bool probe_programs_kernel_has_kprobes(void)
{
	return access("/sys/bus/event_source/devices/kprobe/type", F_OK) == 0;
}

static bool any_of_form(const struct probe_list *list, enum probe_form form)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->probes[i].spec->form == form && !list->probes[i].failure)
			return true;
	}
	return false;
}

static void choose_programs(const struct probe_programs *programs)
{
	const struct diag_bpf *skeleton = programs->skeleton;
	const struct {
		struct bpf_program *program;
		enum probe_form form;
	} uses[] = {
		{skeleton->progs.probe_on_kprobe, PROBE_KPROBE},
		{skeleton->progs.probe_on_kprobe_multi, PROBE_KPROBE},
		{skeleton->progs.probe_on_kretprobe_call, PROBE_KRETPROBE},
		{skeleton->progs.probe_on_kretprobe_call_multi, PROBE_KRETPROBE},
		{skeleton->progs.probe_on_kretprobe, PROBE_KRETPROBE},
		{skeleton->progs.probe_on_kretprobe_multi, PROBE_KRETPROBE},
		{skeleton->progs.probe_on_tracepoint, PROBE_TRACEPOINT},
	};

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		bpf_program__set_autoload(uses[i].program,
					  any_of_form(&programs->list, uses[i].form));
}

static bool set_sizes(const struct probe_programs *programs, const struct options *options,
		      struct problem *ret_problem)
{
	struct diag_bpf *skeleton = programs->skeleton;
	struct probe_settings *settings = (void *)&skeleton->rodata->probe_settings;
	uint32_t count = (uint32_t)programs->list.count;

	settings->min_latency_ns = options->probes.min_latency_ns;
	settings->every = options->probes.every;
	settings->max_per_second = options->probes.max_per_second;
	settings->user_stacks = options->probes.user_stacks;
	if (bpf_map__set_max_entries(skeleton->maps.probe_infos, count) != 0 ||
	    bpf_map__set_max_entries(skeleton->maps.probe_count, count) != 0)
		return problem_set(ret_problem, "cannot set the number of probes: %s",
				   strerror(errno));
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

	/* There is one, or this would not be called. */
	while (probe->spec->form == PROBE_TRACEPOINT)
		probe++;
	call = system_call_of(probe->place);
	(void)snprintf(path, sizeof(path), "/sys/kernel/tracing/events/syscalls/sys_enter_%s",
		       call);
	if (access(path, F_OK) == 0)
		(void)snprintf(instead, sizeof(instead), "tracepoint:syscalls:sys_enter_%s", call);
	return problem_set(ret_problem,
			   "%s: this kernel has no kprobes (CONFIG_KPROBES is not set): use -e %s "
			   "instead; --check shows what else there is",
			   probe->name, instead);
}

static bool open_list(struct probe_programs *programs, const struct options *options,
		      struct problem *ret_problem)
{
	if (!probe_list_open(&options->probes, &programs->list, ret_problem))
		return false;
	if (!probe_programs_kernel_has_kprobes() && (any_of_form(&programs->list, PROBE_KPROBE) ||
						     any_of_form(&programs->list, PROBE_KRETPROBE)))
		return fail_without_kprobes(programs, ret_problem);
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
		if (links_is_of(program, PROBE_PREFIX))
			bpf_program__set_autoload(program, false);
	}
	if (options->probes.spec_count == 0)
		return true;
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

static bool store_infos(const struct probe_programs *programs, struct problem *ret_problem)
{
	int fd = bpf_map__fd(programs->skeleton->maps.probe_infos);

	for (uint32_t i = 0; i < programs->list.count; i++) {
		const struct probe *probe = &programs->list.probes[i];
		const struct probe_info info = {
			.form = probe->spec->form,
			.with_arguments = probe->with_fields,
			.strings = probe->fields.strings,
			.pointees = probe->fields.pointees,
			.record_bytes = probe->fields.record_bytes,
		};

		if (bpf_map_update_elem(fd, &i, &info, BPF_ANY) != 0)
			return problem_set(ret_problem, "cannot describe the probes: %s",
					   strerror(errno));
	}
	return true;
}

static const char *reason_of(int error)
{
	switch (error) {
	case ENOENT:
	case ESRCH:
		return "no such function";
	case EINVAL:
	case EADDRNOTAVAIL:
		return "cannot be probed: it is inlined, not traceable, or on the kernel's "
		       "blacklist";
	case EILSEQ:
		return "not at the start of an instruction";
	default:
		return strerror(error);
	}
}

static void fail(struct probe_programs *programs, size_t index, int error)
{
	const char *hint = programs->list.probes[index].hint;
	char why[512];

	(void)snprintf(why, sizeof(why), "%s%s%s", reason_of(error), hint ? "; did you mean " : "",
		       hint ? hint : "");
	probe_list_fail(&programs->list, index, why);
}

static bool is_for(const struct probe *probe, const struct probe_way *way, bool all_at_once)
{
	bool fits = probe->is_listed && probe->spec->offset == 0 && !probe->spec->module[0];

	return probe->spec->form == way->form && !probe->failure && fits == all_at_once;
}

/* All listed functions of a form in one link. */
static bool attach_at_once(struct probe_programs *programs, const struct probe_way *way)
{
	const char **names = calloc(programs->list.count, sizeof(*names));
	__u64 *cookies = calloc(programs->list.count, sizeof(*cookies));
	LIBBPF_OPTS(bpf_kprobe_multi_opts, options, .syms = names, .cookies = cookies,
		    .retprobe = way->at_return);
	bool attached = true;

	for (size_t i = 0; names && cookies && i < programs->list.count; i++) {
		if (!is_for(&programs->list.probes[i], way, true))
			continue;
		cookies[options.cnt] = i;
		names[options.cnt++] = programs->list.probes[i].place;
	}
	if (options.cnt)
		attached = links_keep(&programs->links, bpf_program__attach_kprobe_multi_opts(
								way->multi, NULL, &options));
	free(names);
	free(cookies);
	return attached;
}

static void attach_one(struct probe_programs *programs, const struct probe_way *way, size_t index)
{
	const struct probe *probe = &programs->list.probes[index];
	LIBBPF_OPTS(bpf_kprobe_opts, options, .bpf_cookie = index, .offset = probe->spec->offset,
		    .retprobe = way->at_return);
	char name[512];
	const char *place = name;

	(void)snprintf(name, sizeof(name), "%s%s%s", probe->spec->module,
		       probe->spec->module[0] ? ":" : "", probe->place);
	/* Before 6.2 the kernel goes through all of its symbols to find a name: some milliseconds.
	 * Without a name the offset is the address. */
	if (probe->address && probe->is_listed) {
		place = NULL;
		options.offset += probe->address;
	}
	if (!links_keep(&programs->links,
			bpf_program__attach_kprobe_opts(way->single, place, &options)))
		fail(programs, index, errno);
}

static void attach_form(struct probe_programs *programs, const struct probe_way *way)
{
	bool at_once = attach_at_once(programs, way);

	for (size_t i = 0; i < programs->list.count; i++) {
		const struct probe *probe = &programs->list.probes[i];

		if (is_for(probe, way, false) || (!at_once && is_for(probe, way, true)))
			attach_one(programs, way, i);
	}
}

static void attach_tracepoints(struct probe_programs *programs)
{
	for (size_t i = 0; i < programs->list.count; i++) {
		const struct probe *probe = &programs->list.probes[i];
		LIBBPF_OPTS(bpf_tracepoint_opts, options, .bpf_cookie = i);

		if (probe->spec->form != PROBE_TRACEPOINT || probe->failure)
			continue;
		if (!links_keep(&programs->links,
				bpf_program__attach_tracepoint_opts(
					programs->skeleton->progs.probe_on_tracepoint,
					probe->spec->module,
					probe->place + strlen(probe->spec->module) + 1, &options)))
			probe_list_fail(&programs->list, i, strerror(errno));
	}
}

/* Tells every failure; one probe that works is enough. */
static bool tell_failures(const struct probe_programs *programs, struct problem *ret_problem)
{
	const struct probe_list *list = &programs->list;
	const struct probe *last = NULL;

	for (size_t i = 0; i < list->count; i++) {
		if (list->probes[i].failure)
			last = &list->probes[i];
	}
	if (list->count == 0 || list->failure_count == list->count)
		return problem_set(ret_problem, "%s: %s", last ? last->name : "probes",
				   last ? last->failure : "none");
	for (size_t i = 0; i < list->count; i++) {
		if (list->probes[i].failure)
			message("%s: %s: not recorded", list->probes[i].name,
				list->probes[i].failure);
	}
	return true;
}

bool probe_programs_attach(struct probe_programs *programs, const struct kallsyms *symbols,
			   struct problem *ret_problem)
{
	const struct diag_bpf *skeleton = programs->skeleton;
	/* The return before the call: a call whose return nobody sees would stay in a table. */
	const struct probe_way ways[] = {
		{PROBE_KPROBE, skeleton->progs.probe_on_kprobe,
		 skeleton->progs.probe_on_kprobe_multi, false},
		{PROBE_KRETPROBE, skeleton->progs.probe_on_kretprobe,
		 skeleton->progs.probe_on_kretprobe_multi, true},
		{PROBE_KRETPROBE, skeleton->progs.probe_on_kretprobe_call,
		 skeleton->progs.probe_on_kretprobe_call_multi, false},
	};

	if (!store_infos(programs, ret_problem))
		return false;
	probe_list_locate(&programs->list, symbols);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (any_of_form(&programs->list, ways[i].form))
			attach_form(programs, &ways[i]);
	}
	attach_tracepoints(programs);
	return tell_failures(programs, ret_problem);
}

void probe_programs_detach(struct probe_programs *programs)
{
	links_release(&programs->links);
}

const struct probe_list *probe_programs_list(const struct probe_programs *programs)
{
	return &programs->list;
}

struct probe_counts probe_programs_counts(const struct probe_programs *programs, size_t probe)
{
	int cpu_count = libbpf_num_possible_cpus();
	struct probe_counts sum = {0};
	struct probe_counts *each;
	uint32_t key = (uint32_t)probe;

	each = cpu_count > 0 ? calloc((size_t)cpu_count, sizeof(*each)) : NULL;
	if (!each ||
	    bpf_map_lookup_elem(bpf_map__fd(programs->skeleton->maps.probe_count), &key, each) != 0)
		cpu_count = 0;
	for (int cpu = 0; cpu < cpu_count; cpu++) {
		sum.hits += each[cpu].hits;
		sum.left_out_every += each[cpu].left_out_every;
		sum.left_out_rate += each[cpu].left_out_rate;
		sum.left_out_quick += each[cpu].left_out_quick;
	}
	free(each);
	return sum;
}

uint64_t probe_programs_misses(const struct probe_programs *programs)
{
	struct bpf_program *program;
	uint64_t misses = 0;

	bpf_object__for_each_program(program, programs->skeleton->obj)
	{
		struct bpf_prog_info info = {0};
		uint32_t size = sizeof(info);

		if (links_is_of(program, PROBE_PREFIX) && bpf_program__fd(program) >= 0 &&
		    bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0)
			misses += info.recursion_misses;
	}
	return misses;
}

void probe_programs_free(struct probe_programs *programs)
{
	if (!programs)
		return;
	probe_programs_detach(programs);
	probe_list_release(&programs->list);
	free(programs);
}
