/* record/probes/probe_programs.c - the kernel side of probes: what is attached, and what became of
 * hits */
#include "record/probes/probe_programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "diag.skel.h"
#include "record/clock.h"
#include "record/kernel_types.h"
#include "record/links.h"
#include "record/message.h"
#include "text/quantity.h"

#define PROBE_PREFIX      "probe_on_"
#define PROBE_QUEUE_BYTES (16u << 20) /* of all CPUs together */
#define PROBE_QUEUE_MIN   64u         /* hits */

struct probe_programs {
	struct diag_bpf *skeleton; /* borrowed */
	struct probe_list list;
	struct links links; /* calls after returns: they are detached first */
	int *asked;         /* descriptors of those of them that tell what they have missed */
	size_t asked_count;
	uint64_t attach_ns;         /* what attaching took */
	bool at_once;               /* functions share a link, which tells nothing */
	struct probe_misses misses; /* of all, as last told */
	struct hit_queue_memory queue;
};

/* How the functions of one form are attached: all at once, or one by one. */
struct probe_way {
	enum probe_form form;
	struct bpf_program *single;
	struct bpf_program *multi;
	bool at_return;
	bool tells; /* what the kernel has missed of these is what was missed */
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
		bool many;
	} uses[] = {
		{skeleton->progs.probe_on_kprobe, PROBE_KPROBE, false},
		{skeleton->progs.probe_on_kprobe_multi, PROBE_KPROBE, true},
		{skeleton->progs.probe_on_kretprobe_call, PROBE_KRETPROBE, false},
		{skeleton->progs.probe_on_kretprobe_call_multi, PROBE_KRETPROBE, true},
		{skeleton->progs.probe_on_kretprobe, PROBE_KRETPROBE, false},
		{skeleton->progs.probe_on_kretprobe_multi, PROBE_KRETPROBE, true},
		{skeleton->progs.probe_on_tracepoint, PROBE_TRACEPOINT, false},
	};
	/* Linux 5.18, CONFIG_FPROBE */
	const bool at_once = kernel_types_have("bpf_kprobe_multi_link", NULL);

	/* What cannot be attached would be checked by the kernel for nothing. */
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		bpf_program__set_autoload(uses[i].program,
					  (at_once || !uses[i].many) &&
						  any_of_form(&programs->list, uses[i].form));
	/* Programs of this type are there since Linux 5.14. */
	bpf_program__set_autoload(skeleton->progs.probe_on_question,
				  (any_of_form(&programs->list, PROBE_KPROBE) ||
				   any_of_form(&programs->list, PROBE_KRETPROBE)) &&
					  libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SYSCALL, NULL) ==
						  1);
}

/* How many frames the kernel walks at most; a map for more of them is refused. */
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

/* A name counts up to its NUL; behind that the kernel may have the rest of a longer one. */
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
			 list->probes[i].spec->form != PROBE_KRETPROBE;
	return needs;
}

static uint32_t queue_room(const struct probe_programs *programs, const struct options *options)
{
	uint64_t bytes = options->ring_bytes ? options->ring_bytes : PROBE_QUEUE_BYTES;
	uint32_t room = PROBE_QUEUE_MIN;

	if (!needs_queue(&programs->list, options))
		return room;
	bytes /= programs->queue.cpu_count * sizeof(struct probe_queued);
	while ((uint64_t)room * 2 <= bytes)
		room *= 2;
	return room;
}

static bool set_queue_sizes(struct probe_programs *programs, const struct options *options)
{
	const struct diag_bpf *skeleton = programs->skeleton;
	struct hit_queue_memory *queue = &programs->queue;
	int cpu_count = libbpf_num_possible_cpus();

	if (cpu_count <= 0)
		return false;
	queue->cpu_count = (uint32_t)cpu_count;
	queue->room = queue_room(programs, options);
	return bpf_map__set_max_entries(skeleton->maps.probe_count,
					queue->cpu_count * (uint32_t)programs->list.count) == 0 &&
	       bpf_map__set_max_entries(skeleton->maps.probe_cpus, queue->cpu_count) == 0 &&
	       bpf_map__set_max_entries(skeleton->maps.probe_queues,
					queue->cpu_count * queue->room) == 0;
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
	    bpf_map__set_max_entries(skeleton->maps.probe_infos, count) != 0 ||
	    !set_queue_sizes(programs, options))
		return problem_set(ret_problem, "cannot set the number of probes: %s",
				   strerror(errno));
	settings->probe_count = count;
	settings->queue_hits = programs->queue.room;
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
	if (options->probes.spec_count == 0) {
		(void)bpf_map__set_autocreate(skeleton->maps.probe_stacks, false);
		(void)bpf_map__set_autocreate(skeleton->maps.probe_told_stacks, false);
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
		attached = bpf_program__fd(way->multi) >= 0 &&
			   links_keep(&programs->links, bpf_program__attach_kprobe_multi_opts(
								way->multi, NULL, &options));
	programs->at_once |= options.cnt && attached;
	free(names);
	free(cookies);
	return attached;
}

/* The last link can be asked. Without memory it is like one that tells nothing. */
static void ask_link(struct probe_programs *programs)
{
	int *grown = reallocarray(programs->asked, programs->asked_count + 1, sizeof(*grown));

	programs->at_once |= !grown;
	if (!grown)
		return;
	programs->asked = grown;
	programs->asked[programs->asked_count++] =
		bpf_link__fd(programs->links.items[programs->links.count - 1]);
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
	else if (way->tells)
		ask_link(programs);
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
	/* The return before the call: a call whose return nobody sees would stay in a table. When
	 * a call is missed, its return is, too, and is counted. */
	const struct probe_way ways[] = {
		{PROBE_KPROBE, skeleton->progs.probe_on_kprobe,
		 skeleton->progs.probe_on_kprobe_multi, false, true},
		{PROBE_KRETPROBE, skeleton->progs.probe_on_kretprobe,
		 skeleton->progs.probe_on_kretprobe_multi, true, true},
		{PROBE_KRETPROBE, skeleton->progs.probe_on_kretprobe_call,
		 skeleton->progs.probe_on_kretprobe_call_multi, false, false},
	};

	uint64_t begin_ns;

	if (!store_infos(programs, ret_problem))
		return false;
	probe_list_locate(&programs->list, symbols);
	begin_ns = clock_boottime_ns();
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (any_of_form(&programs->list, ways[i].form))
			attach_form(programs, &ways[i]);
	}
	attach_tracepoints(programs);
	programs->attach_ns = clock_boottime_ns() - begin_ns;
	return tell_failures(programs, ret_problem);
}

/* The kernel writes the answer where it has read the question. */
static bool ask(const struct probe_programs *programs, int link_fd, struct probe_misses *ret_misses)
{
	struct probe_misses misses = {.link_fd = (uint32_t)link_fd};
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &misses, .ctx_size_in = sizeof(misses));
	int fd = bpf_program__fd(programs->skeleton->progs.probe_on_question);

	if (fd < 0 || bpf_prog_test_run_opts(fd, &run) != 0 || run.retval != 0)
		return false;
	*ret_misses = misses;
	return true;
}

static void ask_all(struct probe_programs *programs)
{
	struct probe_misses each, sum = {0};

	for (size_t i = 0; i < programs->asked_count; i++) {
		if (!ask(programs, programs->asked[i], &each))
			return;
		sum.nested += each.nested;
		sum.exhausted += each.exhausted;
	}
	if (programs->asked_count)
		programs->misses = sum;
}

void probe_programs_detach(struct probe_programs *programs)
{
	/* While they can still be asked. */
	ask_all(programs);
	programs->asked_count = 0;
	links_release(&programs->links);
}

uint64_t probe_programs_attach_ns(const struct probe_programs *programs)
{
	return programs->attach_ns;
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
		sum.left_out_every += each.left_out_every;
		sum.left_out_rate += each.left_out_rate;
		sum.left_out_quick += each.left_out_quick;
	}
	return sum;
}

static size_t cpus_bytes(const struct hit_queue_memory *queue)
{
	return queue->cpu_count * sizeof(struct probe_cpu);
}

static size_t hits_bytes(const struct hit_queue_memory *queue)
{
	return (size_t)queue->cpu_count * queue->room * sizeof(struct probe_queued);
}

/* False if it cannot be mapped, errno says why. */
static bool map_memory(const struct bpf_map *map, size_t bytes, int protection, void **ret_memory)
{
	void *memory = mmap(NULL, bytes, protection, MAP_SHARED, bpf_map__fd(map), 0);

	if (memory == MAP_FAILED)
		return false;
	*ret_memory = memory;
	return true;
}

bool probe_programs_map_queue(struct probe_programs *programs, struct hit_queue_memory *ret_memory,
			      struct problem *ret_problem)
{
	const struct diag_bpf *skeleton = programs->skeleton;
	struct hit_queue_memory *queue = &programs->queue;
	void *cpus, *hits;

	if (!map_memory(skeleton->maps.probe_cpus, cpus_bytes(queue), PROT_READ | PROT_WRITE,
			&cpus))
		return problem_set(ret_problem, "cannot map the counters of probes: %s",
				   strerror(errno));
	queue->cpus = cpus;
	if (!map_memory(skeleton->maps.probe_queues, hits_bytes(queue), PROT_READ, &hits))
		return problem_set(ret_problem, "cannot map the queues of probes: %s",
				   strerror(errno));
	queue->hits = hits;
	*ret_memory = *queue;
	return true;
}

static void unmap_queue(struct hit_queue_memory *queue)
{
	if (queue->cpus)
		(void)munmap(queue->cpus, cpus_bytes(queue));
	if (queue->hits)
		(void)munmap(queue->hits, hits_bytes(queue));
	queue->cpus = NULL;
	queue->hits = NULL;
}

bool probe_programs_counts_misses(const struct probe_programs *programs)
{
	struct probe_misses misses;

	if (programs->at_once)
		return false;
	return programs->asked_count == 0 || ask(programs, programs->asked[0], &misses);
}

struct probe_misses probe_programs_kernel_misses(struct probe_programs *programs)
{
	ask_all(programs);
	return programs->misses;
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
	unmap_queue(&programs->queue);
	free(programs->asked);
	probe_list_release(&programs->list);
	free(programs);
}
