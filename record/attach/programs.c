/* record/attach/programs.c - the BPF programs of diag-record */
#include "record/attach/programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cap-ng.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/ring_sizes.h"
#include "diag.skel.h"
#include "record/attach/load_log.h"
#include "record/attach/ring_buffers.h"
#include "record/common/kernel_release.h"
#include "record/common/pid_namespace.h"
#include "record/kernel/core_types.h"
#include "record/kernel/kernel_types.h"
#include "record/kernel/links.h"
#include "record/kernel/memory_limit.h"
#include "record/kernel/trace_targets.h"
#include "record/probes/probe_programs.h"
#include "record/profile/sched_programs.h"
#include "record/sections/section_programs.h"
#include "text/quantity.h"

/* The least memory that a recording needs to start, apart from its rings. */
#define PROGRAMS_MEMORY_BYTES (24u << 20)

/* One of this many walked stacks is copied too, to be compared. */
#define PROGRAMS_CHECK_EVERY 1000u

#define PROGRAMS_MAX 16

/* Conditions under which a program is needed, apart from the events; see below. */
static bool programs_follow_command(const struct options *options, pid_t command);
static bool programs_copy_stacks(const struct options *options, pid_t command);
static bool programs_copy_at_end(const struct options *options, pid_t command);
static bool programs_copy_stacks_early(const struct options *options, pid_t command);

/* Every program: the events that need it, and the kind that is missed when it does not run. */
static const struct program {
	const char *name;
	uint32_t events;
	enum event_kind kind;
	bool (*is_needed)(const struct options *options, pid_t command); /* NULL: always */
	const char *optional; /* feature that is missing without it; NULL: essential */
} program_table[] = {
	/* The first two come before the programs that use the stack_copy_ids of their copies. */
	{"on_exit_call", OPTIONS_EXIT, EVENT_USER_STACK, programs_copy_stacks_early, NULL},
	{"on_fatal_deliver", OPTIONS_EXIT | OPTIONS_SIGNAL, EVENT_USER_STACK, programs_copy_at_end,
	 NULL},
	{"on_program_start",
	 OPTIONS_EXIT | OPTIONS_SIGNAL | OPTIONS_SECTION | OPTIONS_PROBE | OPTIONS_CPU |
		 OPTIONS_OFFCPU,
	 EVENT_USER_STACK, programs_copy_stacks, NULL},
	{"on_process_exit", OPTIONS_EXIT, EVENT_EXIT, NULL, NULL},
	{"on_signal_generate", OPTIONS_SIGNAL, EVENT_SIGNAL, NULL, NULL},
	{"on_signal_deliver", OPTIONS_SIGNAL, EVENT_DELIVERY, NULL, NULL},
	{"on_mark_victim", OPTIONS_EXIT | OPTIONS_SIGNAL, EVENT_OOM, NULL, "oom"},
	{"on_process_fork", OPTIONS_ALL, EVENT_EXIT, programs_follow_command, NULL},
	{"on_process_free", OPTIONS_ALL, EVENT_EXIT, programs_follow_command, NULL},
};

#define PROGRAM_COUNT (sizeof(program_table) / sizeof(program_table[0]))

#define KIND(name) (1u << EVENT_##name)

/* Rings without groups have few records, or such that others refer to in the order of the ring. */
static const struct ring {
	const char *map;
	const char *name; /* in the info records of a file */
	uint32_t kinds;   /* of enum event_kind that are lost if it is full */
	uint32_t events;
	uint32_t default_bytes;
	bool has_groups; /* of CPUs, with a buffer each */
} ring_table[] = {
	{"exit_ring", "exit", KIND(EXIT), OPTIONS_EXIT, RING_SIZE_EXIT, true},
	{"signal_ring", "signal", KIND(SIGNAL) | KIND(DELIVERY) | KIND(OOM),
	 OPTIONS_EXIT | OPTIONS_SIGNAL, RING_SIZE_SIGNAL, true},
	{"section_ring", "section", KIND(SECTION) | KIND(STEP_BATCH), OPTIONS_SECTION,
	 RING_SIZE_SECTION, false},
	{"sched_ring", "sched", KIND(RUNQ) | KIND(CPU) | KIND(OFFCPU),
	 OPTIONS_RUNQ | OPTIONS_CPU | OPTIONS_OFFCPU, RING_SIZE_SCHED, true},
	{"probe_ring", "probe", KIND(PROBE) | KIND(PROBE_DATA), OPTIONS_PROBE, RING_SIZE_PROBE,
	 false},
	/* The last one, so that it is read after the events whose stacks are in it. */
	{"user_stack_ring", "user_stack", KIND(USER_STACK),
	 OPTIONS_EXIT | OPTIONS_SIGNAL | OPTIONS_SECTION | OPTIONS_PROBE | OPTIONS_CPU |
		 OPTIONS_OFFCPU,
	 RING_SIZE_USER_STACK, false},
};

#undef KIND

#define RING_COUNT (sizeof(ring_table) / sizeof(ring_table[0]))

_Static_assert(RING_COUNT *RING_ENTRIES <= PROGRAMS_BUFFERS_MAX, "all rings are read");

struct programs {
	struct diag_bpf *skeleton;
	struct bpf_link *links[PROGRAM_COUNT];
	struct ring_buffers rings[RING_COUNT]; /* of ring_table; without buffers: not in use */
	uint64_t ring_bytes;                   /* of each; 0: the defaults */
	uint32_t ring_cpus;                    /* for which they have buffers */
	struct section_programs *section;      /* NULL if no sections are recorded, or not yet */
	struct probe_programs *probes;         /* NULL if no probes are recorded */
	struct links waits;        /* of the programs of waits for a CPU and of samples */
	struct perf_events clocks; /* of samples */
	struct bpf_link *blocked;  /* the iterator over blocked tasks; NULL: none */
	struct event_sums sums;    /* of samples and of time that tasks were blocked */
	bool wanted[PROGRAM_COUNT];
	struct programs_unattached unattached[PROGRAM_COUNT];
	size_t unattached_count;
	uint32_t events;
	struct cgroup_filter cgroup;
};

static struct bpf_program *programs_find(const struct programs *programs, size_t index)
{
	return bpf_object__find_program_by_name(programs->skeleton->obj, program_table[index].name);
}

static bool programs_configure_filter(struct programs *programs, const struct options *options,
				      const struct programs_family *family,
				      struct problem *ret_problem)
{
	struct filter *filter = &programs->skeleton->rodata->filter;
	const char *cgroup = options->texts[OPTIONS_TEXT_CGROUP];

	if (cgroup && !cgroup_filter_resolve(cgroup, &programs->cgroup, ret_problem))
		return false;
	*filter = options->filter;
	filter->own_tgid = (uint32_t)getpid();
	filter->writer_tgid = family->writer ? (uint32_t)family->writer : filter->own_tgid;
	filter->followed = programs_follow_command(options, family->command);
	filter->pid_namespace = pid_namespace_own();
	filter->command = filter->followed ? (uint32_t)family->command : 0;
	filter->cgroup_tree = cgroup ? programs->cgroup.tree : FILTER_CGROUP_NONE;
	programs->skeleton->bss->filter_cgroup_id = programs->cgroup.id;
	return true;
}

enum cgroup_change programs_follow_cgroup(struct programs *programs)
{
	enum cgroup_change change = CGROUP_SAME;

	if (programs->cgroup.directory[0])
		change = cgroup_filter_follow(&programs->cgroup);
	if (change != CGROUP_SAME)
		programs->skeleton->bss->filter_cgroup_id = programs->cgroup.id;
	return change;
}

/* ring_bytes: asked for each ring; 0: the defaults. */
static uint64_t programs_bytes_of_ring(uint64_t ring_bytes, const struct ring *ring)
{
	return ring_buffers_bytes(ring_bytes ? ring_bytes : ring->default_bytes,
				  (uint64_t)sysconf(_SC_PAGESIZE));
}

/* Only the rings with groups send names once for each. */
static void programs_configure_names(struct programs *programs, uint32_t groups)
{
	struct bpf_map *const names[] = {programs->skeleton->maps.known_cgroups,
					 programs->skeleton->maps.known_command_lines};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)bpf_map__set_max_entries(names[i], bpf_map__max_entries(names[i]) * groups);
}

/* All rings with groups have the same ones: the smallest of them decides. */
static bool programs_configure_rings(struct programs *programs, const struct options *options,
				     struct problem *ret_problem)
{
	uint64_t smallest = UINT64_MAX;
	uint32_t groups;

	if (!ring_buffers_cpus(&programs->ring_cpus, ret_problem))
		return false;
	programs->ring_bytes = options->ring_bytes;
	for (size_t i = 0; i < RING_COUNT; i++) {
		uint64_t bytes = programs_bytes_of_ring(options->ring_bytes, &ring_table[i]);

		if (ring_table[i].has_groups && bytes < smallest)
			smallest = bytes;
	}
	groups = ring_buffers_groups(programs->ring_cpus, smallest);
	programs->skeleton->rodata->ring_group_mask = groups - 1;
	programs_configure_names(programs, groups);
	return true;
}

static uint32_t programs_groups_of_ring(const struct programs *programs, const struct ring *ring)
{
	return ring->has_groups ? programs->skeleton->rodata->ring_group_mask + 1 : 1;
}

/* Returns false and sets errno on failure. */
static bool programs_create_rings(struct programs *programs)
{
	for (size_t i = 0; i < RING_COUNT; i++) {
		const struct ring *ring = &ring_table[i];
		int fd = bpf_object__find_map_fd_by_name(programs->skeleton->obj, ring->map);

		if (programs->events & ring->events &&
		    !ring_buffers_create(&programs->rings[i], fd, ring->map,
					 programs_bytes_of_ring(programs->ring_bytes, ring),
					 programs_groups_of_ring(programs, ring)))
			return false;
	}
	return true;
}

/* The tracepoint has the victim since Linux 6.9, and in stable branches after that. */
static bool programs_kernel_has_victim(void)
{
	return kernel_types_have("trace_event_raw_mark_victim", "total_vm");
}

static bool programs_follow_command(const struct options *options, pid_t command)
{
	return command && !options->all;
}

static bool programs_copy_stacks(const struct options *options, pid_t command)
{
	(void)command;
	return options->user_stack_bytes > 0;
}

/* 3ff2be68c22e (6.16) moved sched_process_exit before the end of the task's memory, and added the
 * argument group_dead: whether the whole process ends. */
static bool programs_exit_has_group_dead(void)
{
	return kernel_types_have("trace_event_raw_sched_process_exit", "group_dead");
}

/* Stacks and command lines are gone when the process is. */
static bool programs_copy_at_end(const struct options *options, pid_t command)
{
	return programs_copy_stacks(options, command) ||
	       (options->command_lines && !programs_exit_has_group_dead());
}

/* On older kernels each system call must be checked. */
static bool programs_copy_stacks_early(const struct options *options, pid_t command)
{
	return programs_copy_at_end(options, command) && !programs_exit_has_group_dead();
}

/* Without randomness, a program could make its stacks collide with those of others. */
static void programs_configure_unwinding(struct programs *programs, const struct options *options)
{
	struct unwind_settings *settings = &programs->skeleton->rodata->unwind_settings;

	settings->is_on = DIAG_UNWIND_TABLES &&
			  options->user_stack_method != OPTIONS_USER_STACK_COPY &&
			  getrandom(&settings->seed, sizeof(settings->seed), GRND_NONBLOCK) ==
				  sizeof(settings->seed);
	settings->check_every =
		options->user_stack_method == OPTIONS_USER_STACK_CHECK ? 1 : PROGRAMS_CHECK_EVERY;
}

static void programs_configure_stacks(struct programs *programs, const struct options *options)
{
	struct user_stack_settings *settings = &programs->skeleton->rodata->user_stack_settings;

	settings->bytes_max = options->user_stack_bytes;
	settings->for_exits = (options->events & OPTIONS_EXIT) != 0;
	settings->page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
	programs_configure_unwinding(programs, options);
	programs->skeleton->rodata->command_line_settings.wanted = options->command_lines;
	(void)bpf_map__set_max_entries(programs->skeleton->maps.user_stack_slots,
				       (uint32_t)libbpf_num_possible_cpus());
}

static void programs_configure_traits(struct programs *programs)
{
	struct kernel_traits *traits = &programs->skeleton->rodata->kernel_traits;

	traits->exit_has_group_dead = programs_exit_has_group_dead();
	/* d54730b50bae added the member in the same release (6.4). */
	traits->has_trusted_pointers = kernel_types_have("btf_record", "refcount_off");
}

static void programs_add_unattached(struct programs *programs, const char *name, const char *reason)
{
	programs->unattached[programs->unattached_count++] =
		(struct programs_unattached){name, reason};
}

static void programs_choose(struct programs *programs, const struct options *options, pid_t command)
{
	for (size_t i = 0; i < PROGRAM_COUNT; i++) {
		const struct program *program = &program_table[i];

		programs->wanted[i] = (options->events & program->events) &&
				      (!program->is_needed || program->is_needed(options, command));
		if (programs->wanted[i] && program->optional && !programs_kernel_has_victim()) {
			programs->wanted[i] = false;
			programs_add_unattached(
				programs, program->optional,
				"mark_victim of this kernel does not pass the task: "
				"needs a newer kernel");
		}
		bpf_program__set_autoload(programs_find(programs, i), programs->wanted[i]);
	}
}

static bool programs_choose_senders(const struct options *options, pid_t command)
{
	(void)command;
	return options->filter.sender_tgids.count || options->filter.sender_comms.count;
}

static bool programs_read_command_lines(const struct options *options, pid_t command)
{
	(void)command;
	return options->command_lines;
}

static bool programs_count_threads(const struct options *options, pid_t command)
{
	(void)options;
	(void)command;
	return !programs_exit_has_group_dead();
}

/* Maps that only some recordings use. Creating them would take time and memory. What refers to the
 * others is in programs that are not loaded, or in code that the verifier removes. */
static const struct map_use {
	const char *prefix;
	uint32_t events;
	bool (*is_needed)(const struct options *options, pid_t command); /* NULL: always */
} map_uses[] = {
	{"section_", OPTIONS_SECTION, NULL},
	{"duration_histograms", OPTIONS_SECTION, NULL},
	{"probe_", OPTIONS_PROBE, NULL},
	{"__bpf_usdt_", OPTIONS_PROBE | OPTIONS_SECTION, NULL},
	{"sched_ring", OPTIONS_RUNQ | OPTIONS_CPU | OPTIONS_OFFCPU, NULL},
	{"sched_choices", OPTIONS_RUNQ | OPTIONS_CPU | OPTIONS_OFFCPU, NULL},
	{"sched_cpus", OPTIONS_RUNQ, NULL},
	{"sched_waits", OPTIONS_RUNQ, NULL},
	{"interrupt_handlers", OPTIONS_RUNQ | OPTIONS_OFFCPU, NULL},
	{"cpu_", OPTIONS_CPU, NULL},
	{"offcpu_", OPTIONS_OFFCPU, NULL},
	{"awaited_deliveries", OPTIONS_SIGNAL, programs_choose_senders},
	{"ended_processes", OPTIONS_EXIT, programs_count_threads},
	{"known_command_lines", OPTIONS_ALL, programs_read_command_lines},
	{"followed", OPTIONS_ALL, programs_follow_command},
	{"seen_programs", OPTIONS_ALL, programs_copy_stacks},
};

static bool map_is_used(const struct map_use *use, const struct options *options, pid_t command)
{
	return options->events & use->events &&
	       (!use->is_needed || use->is_needed(options, command));
}

static void programs_choose_maps(struct programs *programs, const struct options *options,
				 pid_t command)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, programs->skeleton->obj)
	{
		const char *name = bpf_map__name(map);

		for (size_t i = 0; i < sizeof(map_uses) / sizeof(map_uses[0]); i++) {
			if (strncmp(name, map_uses[i].prefix, strlen(map_uses[i].prefix)) == 0 &&
			    !map_is_used(&map_uses[i], options, command))
				(void)bpf_map__set_autocreate(map, false);
		}
	}
}

bool programs_fit_memory(const struct options *options, struct problem *ret_problem)
{
	const struct memory_limit_sources sources = {"/proc/self/cgroup", "/proc/self/mounts"};
	const uint64_t least = PROGRAMS_MEMORY_BYTES + section_programs_bytes(options);
	uint64_t needed = least;
	struct memory_limit limit;

	for (size_t i = 0; i < RING_COUNT; i++) {
		if (options->events & ring_table[i].events)
			needed += programs_bytes_of_ring(options->ring_bytes, &ring_table[i]);
	}
	if (!memory_limit_find(&sources, &limit) || limit.bytes >= needed)
		return true;
	return problem_set(
		ret_problem,
		"not enough memory: %s allows %s, about %s are needed: raise that limit%s",
		limit.file, quantity_of_bytes(limit.bytes).text, quantity_of_bytes(needed).text,
		limit.bytes > least ? ", or use a smaller --ring-size" : "");
}

static bool programs_memory_problem(struct problem *ret_problem)
{
	const struct memory_limit_sources sources = {"/proc/self/cgroup", "/proc/self/mounts"};
	struct memory_limit limit;

	if (!memory_limit_find(&sources, &limit))
		return problem_set(ret_problem,
				   "cannot load BPF programs: not enough memory: use a smaller "
				   "--ring-size, or end other programs");
	return problem_set(ret_problem,
			   "cannot load BPF programs: not enough memory: %s allows %s: raise that "
			   "limit, or use a smaller --ring-size",
			   limit.file, quantity_of_bytes(limit.bytes).text);
}

/* "none integrity [confidentiality]": only the last mode forbids programs to read kernel memory. */
bool programs_are_allowed(struct problem *ret_problem)
{
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");
	char text[128] = "";

	if (!file)
		return true;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	(void)fclose(file);
	return !strstr(text, "[confidentiality]") ||
	       problem_set(ret_problem,
			   "cannot load BPF programs: the kernel is locked down "
			   "(/sys/kernel/security/lockdown: confidentiality): boot it with "
			   "lockdown=integrity, or without lockdown");
}

bool programs_have_privileges(void)
{
	return capng_get_caps_process() == 0 &&
	       (capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_ADMIN) ||
		(capng_have_capability(CAPNG_EFFECTIVE, CAP_BPF) &&
		 capng_have_capability(CAPNG_EFFECTIVE, CAP_PERFMON)));
}

/* libbpf takes a short lack of memory for a missing feature, and the error is then any. */
static bool programs_other_problem(int error, struct problem *ret_problem)
{
	const char *map = load_log_map();
	const char *older = kernel_is_older_than_tested() ? "use Linux " KERNEL_RELEASE_TESTED
							    " or later, which was tested; or "
							  : "";

	return problem_set(ret_problem,
			   "cannot load BPF programs: %s%s%s%s: %spossibly out of memory: see "
			   "--verbose",
			   map ? "this kernel refuses the map " : "", map ? map : "",
			   map ? ": " : "", strerror(error), older);
}

static bool programs_load_problem(int error, struct problem *ret_problem)
{
	if (!programs_are_allowed(ret_problem) || load_log_explain(ret_problem))
		return false;
	if ((error == EPERM || error == EACCES) && programs_have_privileges())
		return problem_set(
			ret_problem,
			"cannot load BPF programs: %s: a seccomp filter, such as that of "
			"a container, or a security module forbids bpf(2): run outside of "
			"it",
			strerror(error));
	if (error == EPERM || error == EACCES)
		return problem_set(ret_problem, "cannot load BPF programs: %s: " PROGRAMS_NEED_ROOT,
				   strerror(error));
	if (error == ENOMEM)
		return programs_memory_problem(ret_problem);
	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		return problem_set(ret_problem,
				   "cannot load BPF programs: no /sys/kernel/btf/vmlinux: needs a "
				   "kernel built with CONFIG_DEBUG_INFO_BTF");
	/* Of a type_table that could not be read. */
	if (error == ESRCH)
		return problem_set(ret_problem,
				   "cannot load BPF programs: cannot read /sys/kernel/btf/vmlinux: "
				   "not enough memory, or damaged: see --verbose");
	return programs_other_problem(error, ret_problem);
}

static bool programs_follow(struct programs *programs, pid_t command, struct problem *ret_problem)
{
	const uint32_t pid = (uint32_t)command;
	const uint64_t any_start_ns = 0;

	/* A number in another namespace is no key of this map: the filter compares it. */
	if (!programs->skeleton->rodata->filter.followed ||
	    programs->skeleton->rodata->filter.pid_namespace)
		return true;
	if (bpf_map_update_elem(bpf_map__fd(programs->skeleton->maps.followed), &pid, &any_start_ns,
				BPF_ANY) != 0)
		return problem_set(ret_problem, "cannot follow the workload: %s", strerror(errno));
	return true;
}

/* The object file inside this program was read once. Its pages, almost 1 MiB, stay resident until
 * memory is short; they come back by themselves if they are read again. */
static void programs_release_object(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes;
	const uintptr_t object = (uintptr_t)diag_bpf__elf_bytes(&bytes);
	const size_t before = (page - object % page) % page;
	void *first;

	if (bytes <= before)
		return;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): madvise() writes nothing there */
	first = (void *)(object + before);
	(void)madvise(first, (bytes - before) / page * page, MADV_DONTNEED);
}

/* The kernel's types are found once for all questions: libbpf does not read them. */
static bool programs_select_types(const struct programs *programs, const struct core_types *types,
				  struct problem *ret_problem)
{
	const struct type_table *kernel = kernel_types_all();
	bool is_selection = false;

	if (!kernel)
		return programs_load_problem(ESRCH, ret_problem);
	if (types->fd >= 0 &&
	    !core_types_write(types, kernel, bpf_object__btf(programs->skeleton->obj),
			      &is_selection))
		return problem_set(ret_problem, "cannot load BPF programs: %s", strerror(errno));
	if (!is_selection)
		load_log_print("libbpf searches all types of the kernel\n");
	if (!trace_targets_find(programs->skeleton->obj, kernel))
		return problem_set(ret_problem, "out of memory");
	if (trace_targets_missing())
		return problem_set(ret_problem,
				   "cannot load BPF programs: this kernel has no tracepoint or "
				   "iterator %s",
				   trace_targets_missing());
	kernel_types_release();
	return true;
}

static bool programs_set_up(struct programs *programs, const struct options *options,
			    const struct programs_family *family, const struct core_types *types,
			    struct problem *ret_problem)
{
	const pid_t command = family->command;
	int error;

	if (!programs_configure_filter(programs, options, family, ret_problem))
		return false;
	if (!programs_configure_rings(programs, options, ret_problem))
		return false;
	programs_configure_traits(programs);
	programs_configure_stacks(programs, options);
	programs_choose(programs, options, command);
	if (!section_programs_choose(programs->skeleton, options, ret_problem) ||
	    !sched_programs_choose(programs->skeleton, options, ret_problem) ||
	    !probe_programs_open(programs->skeleton, options, &programs->probes, ret_problem))
		return false;
	programs_choose_maps(programs, options, command);
	if (!programs_select_types(programs, types, ret_problem))
		return false;
	error = diag_bpf__load(programs->skeleton);
	if (error)
		return programs_load_problem(-error, ret_problem);
	/* libbpf probes features of the kernel, and takes a short lack of memory for a missing
	 * feature. */
	if (!programs->skeleton->rodata || !programs->skeleton->bss)
		return programs_load_problem(ENOMEM, ret_problem);
	programs_release_object();
	if (!programs_create_rings(programs))
		return programs_load_problem(errno, ret_problem);
	return sched_programs_open(programs->skeleton, options, &programs->sums, ret_problem) &&
	       programs_follow(programs, command, ret_problem);
}

static struct programs *programs_new(const struct options *options,
				     const struct programs_family *family,
				     struct problem *ret_problem)
{
	LIBBPF_OPTS(bpf_object_open_opts, open_options);
	struct programs *programs = calloc(1, sizeof(*programs));
	struct core_types types;
	bool is_ready = false;

	if (!programs) {
		problem_set(ret_problem, "out of memory");
		return NULL;
	}
	/* Without this file, libbpf reads all types, which takes longer. */
	if (core_types_open(&types))
		open_options.btf_custom_path = types.path;
	programs->events = options->events;
	programs->skeleton = diag_bpf__open_opts(&open_options);
	if (!programs->skeleton)
		/* The error numbers of libbpf are not those of strerror(). */
		problem_set(ret_problem, "cannot open BPF programs: not enough memory, or the file "
					 "of diag-record is damaged");
	else
		is_ready = programs_set_up(programs, options, family, &types, ret_problem);
	core_types_close(&types);
	trace_targets_release();
	if (is_ready)
		return programs;
	programs_free(programs);
	return NULL;
}

bool programs_load(const struct options *options, const struct programs_family *family,
		   struct programs **ret_programs, struct problem *ret_problem)
{
	struct programs *programs;

	if (!programs_fit_memory(options, ret_problem))
		return false;
	load_log_begin(options->verbose);
	if (!trace_targets_register())
		return problem_set(ret_problem, "cannot load BPF programs: %s", strerror(errno));
	programs = programs_new(options, family, ret_problem);
	if (programs)
		*ret_programs = programs;
	return programs != NULL;
}

bool programs_attach(struct programs *programs, const struct options *options,
		     const struct kallsyms *symbols, struct problem *ret_problem)
{
	for (size_t i = 0; i < PROGRAM_COUNT; i++) {
		if (!programs->wanted[i])
			continue;
		programs->links[i] = trace_targets_attach(programs_find(programs, i));
		if (!programs->links[i])
			return problem_set(ret_problem, "cannot attach %s: %s",
					   program_table[i].name, strerror(errno));
	}
	if (programs->probes && !probe_programs_attach(programs->probes, symbols, ret_problem))
		return false;
	if (!sched_programs_attach(programs->skeleton, &programs->waits, ret_problem))
		return false;
	if (options->events & OPTIONS_OFFCPU &&
	    !offcpu_programs_begin(programs->skeleton, &programs->blocked, ret_problem))
		return false;
	if (options->events & OPTIONS_CPU &&
	    !sched_programs_sample(programs->skeleton, &options->profile, &programs->waits,
				   &programs->clocks, ret_problem))
		return false;
	return !(programs->events & OPTIONS_SECTION) ||
	       section_programs_attach(programs->skeleton, options, &programs->section,
				       ret_problem);
}

void programs_set_idle(struct programs *programs, bool is_idle)
{
	__atomic_store_n(&programs->skeleton->bss->ring_reader_is_idle, is_idle, __ATOMIC_SEQ_CST);
}

bool programs_unwind_maps(const struct programs *programs, struct unwind_table_maps *ret_maps)
{
	*ret_maps = (struct unwind_table_maps){
		.files = bpf_map__fd(programs->skeleton->maps.unwind_files),
		.pages = bpf_map__fd(programs->skeleton->maps.unwind_pages),
		.blocks = bpf_map__fd(programs->skeleton->maps.unwind_blocks),
		.rules = bpf_map__fd(programs->skeleton->maps.unwind_rules),
		.counts = bpf_map__fd(programs->skeleton->maps.unwind_counts),
	};
	return programs->skeleton->rodata->unwind_settings.is_on;
}

void programs_print_symbols(const struct programs *programs, struct symbol_source *ret_source)
{
	struct diag_bpf *skeleton = programs->skeleton;
	union bpf_iter_link_info map = {
		.map.map_fd = (__u32)bpf_map__fd(skeleton->maps.symbol_questions)};
	LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &map, .link_info_len = sizeof(map));
	struct bpf_link *link =
		bpf_program__attach_iter(skeleton->progs.print_kernel_symbol, &options);

	ret_source->fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	if (ret_source->fd < 0)
		load_log_print("reading /proc/kallsyms: cannot attach print_kernel_symbol\n");
	ret_source->address = &skeleton->bss->symbol_address;
	bpf_link__destroy(link);
}

struct probe_programs *programs_probes(const struct programs *programs)
{
	return programs->probes;
}

struct event_sums *programs_sums(struct programs *programs)
{
	return &programs->sums;
}

struct sched_chosen programs_chosen(const struct programs *programs, enum sched_choice choice)
{
	return sched_programs_chosen(programs->skeleton, choice);
}

struct section_programs *programs_sections(const struct programs *programs)
{
	return programs->section;
}

/* A program may still run on another CPU, or be preempted: this waits for all of them. */
static void await_running_programs(void)
{
	(void)syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

/* Soon, as a thread that ends takes its open sections along. */
static void end_sections(struct section_programs *sections)
{
	section_programs_detach(sections);
	await_running_programs();
	section_programs_end(sections);
}

void programs_detach(struct programs *programs)
{
	for (size_t i = 0; i < PROGRAM_COUNT; i++) {
		bpf_link__destroy(programs->links[i]);
		programs->links[i] = NULL;
	}
	perf_events_release(&programs->clocks);
	links_release(&programs->waits);
	offcpu_programs_end(programs->skeleton, programs->blocked);
	if (programs->section)
		end_sections(programs->section);
	if (programs->probes)
		probe_programs_stop(programs->probes);
	await_running_programs();
}

static const struct ring *programs_used_ring(const struct programs *programs, size_t index)
{
	for (size_t i = 0; i < RING_COUNT; i++) {
		if (programs->events & ring_table[i].events && index-- == 0)
			return &ring_table[i];
	}
	return NULL;
}

/* At least the default is advised. */
static uint64_t programs_larger_ring(const struct programs *programs, const struct ring *ring,
				     uint64_t buffer_bytes)
{
	const uint32_t cpus = ring->has_groups ? programs->ring_cpus : 1;
	const uint64_t bytes = ring_buffers_larger(cpus, 4 * buffer_bytes, RING_SIZE_MAX);

	return bytes > ring->default_bytes ? bytes : ring->default_bytes;
}

bool programs_ring(const struct programs *programs, size_t index, struct programs_ring *ret_ring)
{
	const struct ring *ring = programs_used_ring(programs, index);
	uint64_t bytes, buffer_bytes;

	if (!ring)
		return false;
	bytes = programs_bytes_of_ring(programs->ring_bytes, ring);
	buffer_bytes = bytes / programs_groups_of_ring(programs, ring);
	*ret_ring = (struct programs_ring){
		.name = ring->name,
		.bytes = bytes,
		.buffer_bytes = buffer_bytes,
		.larger_bytes = programs_larger_ring(programs, ring, buffer_bytes),
	};
	return true;
}

int programs_ring_of_kind(const struct programs *programs, enum event_kind kind)
{
	const struct ring *ring;

	for (int i = 0; (ring = programs_used_ring(programs, (size_t)i)); i++) {
		if (ring->kinds >> kind & 1)
			return i;
	}
	return -1;
}

void programs_follow_cpus(struct programs *programs, struct cpu_hotplug *cpus)
{
	if (programs->clocks.fds)
		perf_events_follow_cpus(&programs->clocks, cpus);
	if (programs->section)
		section_programs_follow_cpus(programs->section, cpus);
}

void programs_counts(const struct programs *programs, uint64_t *ret_counts)
{
	const int cpus = libbpf_num_possible_cpus();
	const int fd = bpf_map__fd(programs->skeleton->maps.counts);
	uint64_t *by_cpu = cpus > 0 ? calloc((size_t)cpus, sizeof(*by_cpu)) : NULL;

	memset(ret_counts, 0, EVENT_COUNTS * sizeof(*ret_counts));
	for (uint32_t key = 0; by_cpu && key < EVENT_COUNTS; key++) {
		if (bpf_map_lookup_elem(fd, &key, by_cpu) != 0)
			continue;
		for (int cpu = 0; cpu < cpus; cpu++)
			ret_counts[key] += by_cpu[cpu];
	}
	free(by_cpu);
}

int programs_ring_fd(const struct programs *programs, size_t index)
{
	for (size_t i = 0; i < RING_COUNT; i++) {
		const struct ring_buffers *buffers = &programs->rings[i];

		if (index < buffers->count)
			return buffers->fds[index];
		index -= buffers->count;
	}
	return -1;
}

int programs_loss_fd(const struct programs *programs)
{
	return bpf_map__fd(programs->skeleton->maps.losses);
}

bool programs_has_new_loss(const struct programs *programs)
{
	return __atomic_load_n(&programs->skeleton->bss->loss_is_new, __ATOMIC_ACQUIRE) != 0;
}

void programs_clear_new_loss(struct programs *programs)
{
	__atomic_store_n(&programs->skeleton->bss->loss_is_new, 0, __ATOMIC_SEQ_CST);
	/* The counters are read by the kernel. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void programs_begin_loss_epoch(struct programs *programs)
{
	programs->skeleton->bss->loss_epoch++;
}

bool programs_unattached(const struct programs *programs, size_t index,
			 struct programs_unattached *ret_unattached)
{
	if (index >= programs->unattached_count)
		return false;
	*ret_unattached = programs->unattached[index];
	return true;
}

static uint64_t skipped_probes(const struct programs *programs)
{
	return programs->probes ? probe_programs_skipped(programs->probes) : 0;
}

static uint64_t skipped_steps(const struct programs *programs)
{
	return links_skipped_runs(programs->skeleton->obj, SECTION_PROGRAMS_PREFIX);
}

static uint64_t skipped_waits(const struct programs *programs)
{
	return links_skipped_runs(programs->skeleton->obj, SCHED_PROGRAMS_PREFIX);
}

static uint64_t skipped_blocks(const struct programs *programs)
{
	return links_skipped_runs(programs->skeleton->obj, OFFCPU_PROGRAMS_PREFIX);
}

static uint64_t nested_probes(const struct programs *programs)
{
	return programs->probes ? probe_programs_kernel_misses(programs->probes).nested : 0;
}

static uint64_t exhausted_probes(const struct programs *programs)
{
	return programs->probes ? probe_programs_kernel_misses(programs->probes).exhausted : 0;
}

/* Follow the programs of program_table. */
static const struct miss {
	enum event_kind kind;
	const char *reason;
	uint64_t (*count)(const struct programs *programs);
} miss_table[] = {
	{EVENT_PROBE, "another program was running", skipped_probes},
	{EVENT_PROBE, "another probe was being handled", nested_probes},
	{EVENT_PROBE, "too many calls that had not returned", exhausted_probes},
	{EVENT_STEP_BATCH, "another program was running", skipped_steps},
	{EVENT_RUNQ, "another program was running", skipped_waits},
	{EVENT_OFFCPU, "another program was running", skipped_blocks},
};

bool programs_misses(const struct programs *programs, size_t index,
		     struct programs_misses *ret_misses)
{
	const struct miss *miss;
	struct bpf_prog_info info;

	if (index >= PROGRAM_COUNT) {
		index -= PROGRAM_COUNT;
		if (index >= sizeof(miss_table) / sizeof(miss_table[0]))
			return false;
		miss = &miss_table[index];
		*ret_misses =
			(struct programs_misses){miss->kind, miss->reason, miss->count(programs)};
		return true;
	}
	*ret_misses = (struct programs_misses){
		.kind = program_table[index].kind,
		.reason = "another program was running",
	};
	if (programs->wanted[index] && links_read_info(programs_find(programs, index), &info))
		ret_misses->count = info.recursion_misses;
	return true;
}

struct programs_cost programs_cost(const struct programs *programs)
{
	struct programs_cost cost = {0};
	struct bpf_program *program;
	struct bpf_prog_info info;

	bpf_object__for_each_program(program, programs->skeleton->obj)
	{
		if (!links_read_info(program, &info))
			continue;
		cost.run_time_ns += info.run_time_ns;
		cost.runs += info.run_cnt;
	}
	return cost;
}

void programs_free(struct programs *programs)
{
	if (!programs)
		return;
	section_programs_free(programs->section);
	probe_programs_free(programs->probes);
	bpf_link__destroy(programs->blocked);
	sched_programs_close(&programs->sums);
	perf_events_release(&programs->clocks);
	links_release(&programs->waits);
	for (size_t i = 0; i < PROGRAM_COUNT; i++)
		bpf_link__destroy(programs->links[i]);
	for (size_t i = 0; i < RING_COUNT; i++)
		ring_buffers_close(&programs->rings[i]);
	diag_bpf__destroy(programs->skeleton);
	free(programs);
}
