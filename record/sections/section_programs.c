/* record/sections/section_programs.c - BPF side of sections: programs, slots, commands, rules */
#include "record/sections/section_programs.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/system_call.h"
#include "diag.skel.h"
#include "record/common/clock.h"
#include "record/common/message.h"
#include "record/kernel/links.h"
#include "record/kernel/trace_targets.h"
#include "record/sections/section_usdt.h"
#include "record/sections/step_stacks.h"
#include "record/sections/uprobe_target.h"

#define SECTION_SLOTS_BYTES (14u << 20) /* of all slots together */
#define SECTION_SLOTS_MIN   4u
/* Of a step without its copy of the user stack: a multiple of 8, as slots are aligned. */
#define SECTION_STEP_FIXED_BYTES                                                                   \
	(2 * 48u + 8u * SECTION_KERNEL_FRAMES_MAX + 8u * SECTION_REGISTER_WORDS)
#define SECTION_SLOTS_MAX       1024u
#define SECTION_STACK_PIECE     1024u
#define SECTION_STACK_MAX       16384u
#define SECTION_STACKS          4u     /* stacks that must fit into a segment */
#define SECTION_CALL_STACK_NS   20000u /* system calls that take this long get a user stack */
#define SECTION_UNATTACHED_MAX  8u
#define SECTION_PROBE_FILES_MAX 256u
#define NS_PER_US               1000u
#define SECTION_ENDED_NS        UINT64_C(1000000000)

_Static_assert(sizeof(struct section_step) + sizeof(struct section_file) <=
		       SECTION_STEP_FIXED_BYTES,
	       "the step with a file is not the largest");

enum fault {
	FAULT_MINOR,
	FAULT_MAJOR,
	FAULT_COUNT,
};

struct section_programs {
	struct diag_bpf *skeleton; /* borrowed */
	struct links links;
	struct perf_events faults[FAULT_COUNT];
	struct section_samples samples;
	struct bpf_link *commands; /* the iterator that runs a command */
	uint64_t ended_freed;      /* ended processes whose histograms were freed */
	struct step_stacks *kernel_stacks;
	uint8_t *slots; /* mapped read-only */
	size_t slots_bytes;
	uint32_t slot_bytes; /* that steps use */
	uint32_t slot_stride;
	uint32_t slot_count;
	const char *unattached[SECTION_UNATTACHED_MAX];
	size_t unattached_count;
};

/* Limits a stack so that others fit into its segment of the slot too. */
static uint32_t stack_bytes_of(const struct options *options)
{
	uint32_t fits = options->section.slot_bytes / SECTION_SEGMENTS / SECTION_STACKS;
	uint32_t bytes = options->user_stack_bytes;

	bytes = bytes < fits ? bytes : fits;
	bytes = bytes < SECTION_STACK_MAX ? bytes : SECTION_STACK_MAX;
	return bytes / SECTION_STACK_PIECE * SECTION_STACK_PIECE;
}

/* Bytes from one slot to the next: in each are an index and space for the largest step. */
static uint32_t slot_stride_of(const struct options *options)
{
	return SECTION_INDEX_BYTES + options->section.slot_bytes + SECTION_STEP_FIXED_BYTES +
	       stack_bytes_of(options);
}

static uint32_t slot_count_of(const struct options *options)
{
	uint32_t count = SECTION_SLOTS_BYTES / slot_stride_of(options);

	if (count < SECTION_SLOTS_MIN)
		return SECTION_SLOTS_MIN;
	return count < SECTION_SLOTS_MAX ? count : SECTION_SLOTS_MAX;
}

uint64_t section_programs_bytes(const struct options *options)
{
	if (!(options->events & OPTIONS_SECTION))
		return 0;
	return (uint64_t)slot_count_of(options) * slot_stride_of(options) +
	       (uint64_t)SECTION_ACCOUNTS * sizeof(struct section_account);
}

static bool check_process(const struct uprobe_spec *spec, struct problem *ret_problem)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%" PRIu32, spec->pid);
	return spec->pid == 0 || access(path, F_OK) == 0 ||
	       problem_set(ret_problem, "--uprobe: tgid=%" PRIu32 ": no such process", spec->pid);
}

/* Before anything is loaded: a wrong place is found at once. */
static bool check_uprobes(const struct section_options *options, struct problem *ret_problem)
{
	for (size_t i = 0; i < options->uprobe_count; i++) {
		const struct uprobe_spec *spec = &options->uprobes[i];
		struct uprobe_target target;

		if (!check_process(spec, ret_problem) ||
		    !uprobe_target_find(&spec->start, &target, ret_problem) ||
		    !uprobe_target_find(&spec->stop, &target, ret_problem))
			return false;
	}
	return true;
}

/* System calls whose first argument is a descriptor. A close() has none when it ends. */
static void set_file_calls(struct diag_bpf *skeleton)
{
	static const char *const names[] = {
		"read",         "write",           "pread64",
		"pwrite64",     "readv",           "writev",
		"preadv",       "pwritev",         "preadv2",
		"pwritev2",     "fsync",           "fdatasync",
		"syncfs",       "sync_file_range", "ftruncate",
		"fallocate",    "fadvise64",       "readahead",
		"fstat",        "lseek",           "ioctl",
		"fcntl",        "flock",           "getdents",
		"getdents64",   "fchmod",          "fchown",
		"fchdir",       "fgetxattr",       "fsetxattr",
		"flistxattr",   "splice",          "vmsplice",
		"tee",          "sendfile",        "epoll_wait",
		"epoll_pwait",  "epoll_pwait2",    "copy_file_range",
		"sendto",       "recvfrom",        "sendmsg",
		"recvmsg",      "sendmmsg",        "recvmmsg",
		"accept",       "accept4",         "connect",
		"bind",         "listen",          "shutdown",
		"fstatfs",      "finit_module",    "setsockopt",
		"getsockopt",   "getsockname",     "getpeername",
		"epoll_ctl",    "timerfd_settime", "timerfd_gettime",
		"fremovexattr", "mq_timedsend",    "mq_timedreceive",
	};
	__u64 *bits = (__u64 *)skeleton->rodata->section_file_calls;
	int32_t number;

	/* A machine has not all of them. */
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (system_call_parse(MACHINE_ELF, names[i], &number) && number >= 0 &&
		    (uint32_t)number < SECTION_FILE_CALLS)
			bits[number / 64] |= UINT64_C(1) << number % 64;
	}
}

bool section_programs_choose(struct diag_bpf *skeleton, const struct options *options,
			     struct problem *ret_problem)
{
	bool records_sections = options->events & OPTIONS_SECTION;
	struct section_settings *settings = (void *)&skeleton->rodata->section_settings;
	struct bpf_program *program;

	bpf_object__for_each_program(program, skeleton->obj)
	{
		if (links_has_prefix(program, SECTION_PROGRAMS_PREFIX))
			bpf_program__set_autoload(program, records_sections &&
								   links_has_tracepoint(program));
	}
	if (!records_sections)
		return true;
	if (!check_uprobes(&options->section, ret_problem))
		return false;
	bpf_program__set_autoload(skeleton->progs.sect_sample, options->section.timer_ns != 0);
	set_file_calls(skeleton);
	settings->threshold_ns = options->section.threshold_ns;
	settings->slowest_ppm = options->section.slowest_ppm;
	settings->call_stack_ns = SECTION_CALL_STACK_NS;
	settings->slot_bytes = options->section.slot_bytes;
	settings->slot_count = slot_count_of(options);
	settings->user_stack_bytes = stack_bytes_of(options);
	settings->has_samples = options->section.timer_ns != 0;
	if (bpf_map__set_value_size(skeleton->maps.section_slots, slot_stride_of(options)) != 0 ||
	    bpf_map__set_max_entries(skeleton->maps.section_slots, slot_count_of(options)) != 0 ||
	    bpf_map__set_max_entries(skeleton->maps.section_free_slots, slot_count_of(options)) !=
		    0)
		return problem_set(ret_problem,
				   "cannot set the sizes of the BPF maps of sections: %s",
				   strerror(errno));
	return true;
}

static void add_unattached(struct section_programs *programs, const char *unattached)
{
	for (size_t i = 0; i < programs->unattached_count; i++) {
		if (strcmp(programs->unattached[i], unattached) == 0)
			return;
	}
	if (programs->unattached_count < SECTION_UNATTACHED_MAX)
		programs->unattached[programs->unattached_count++] = unattached;
}

static void put_free_slot(struct section_programs *programs, uint32_t number)
{
	(void)bpf_map_update_elem(bpf_map__fd(programs->skeleton->maps.section_free_slots), NULL,
				  &number, BPF_ANY);
}

static bool open_slots(struct section_programs *programs, const struct section_options *options,
		       struct problem *ret_problem)
{
	struct bpf_map *map = programs->skeleton->maps.section_slots;
	void *memory;

	programs->slot_bytes = options->slot_bytes;
	programs->slot_stride = bpf_map__value_size(map);
	programs->slot_count = bpf_map__max_entries(map);
	programs->slots_bytes = (size_t)programs->slot_stride * programs->slot_count;
	memory = mmap(NULL, programs->slots_bytes, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
	if (memory == MAP_FAILED)
		return problem_set(ret_problem, "cannot map the BPF map of section slots: %s",
				   strerror(errno));
	programs->slots = memory;
	for (uint32_t i = 0; i < programs->slot_count; i++)
		put_free_slot(programs, i);
	return true;
}

/* Lets the BPF programs use the accounts of inner sections. */
static bool open_accounts(struct section_programs *programs, struct problem *ret_problem)
{
	int fd = bpf_map__fd(programs->skeleton->maps.section_free_accounts);

	for (uint32_t i = 0; i < SECTION_ACCOUNTS; i++) {
		if (bpf_map_update_elem(fd, NULL, &i, BPF_ANY) != 0)
			return problem_set(ret_problem, "cannot fill a BPF map of sections: %s",
					   strerror(errno));
	}
	return true;
}

/* Attaches all programs of tracepoints. */
static bool attach_tracepoints(struct section_programs *programs, struct problem *ret_problem)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, programs->skeleton->obj)
	{
		if (!links_has_prefix(program, SECTION_PROGRAMS_PREFIX) ||
		    !bpf_program__autoload(program) ||
		    bpf_program__type(program) != BPF_PROG_TYPE_TRACING ||
		    bpf_program__expected_attach_type(program) != BPF_TRACE_RAW_TP)
			continue;
		if (!links_add(&programs->links, trace_targets_attach(program)))
			return problem_set(ret_problem, "cannot attach BPF program %s: %s",
					   bpf_program__name(program), strerror(errno));
	}
	return true;
}

/* Measures in a section of this thread: outside of one, a sample costs less. */
static uint64_t measure_sample_ns(struct section_programs *programs)
{
	uint64_t cost_ns = 0;
	bool done;

	if (section_programs_run_command(programs, SECTION_COMMAND_MEASURE, (uint32_t)gettid(), 0,
					 &done) &&
	    done)
		cost_ns = section_samples_measure_ns(programs->skeleton);
	(void)section_programs_run_command(programs, SECTION_COMMAND_STOP, (uint32_t)gettid(), 0,
					   &done);
	/* The section above has requested samples. */
	programs->skeleton->bss->section_sampling = SECTION_SAMPLING_OFF;
	return cost_ns;
}

static void report_period(uint64_t asked_ns, uint64_t period_ns, uint64_t cost_ns)
{
	if (period_ns == asked_ns)
		return;
	if (cost_ns)
		message("warning: --timer-us %" PRIu64 ": a sample takes %" PRIu64
			" us here: sampling every %" PRIu64 " us",
			asked_ns / NS_PER_US, (cost_ns + NS_PER_US - 1) / NS_PER_US,
			period_ns / NS_PER_US);
	else
		message("warning: --timer-us %" PRIu64 ": cannot measure the cost of a sample: "
			"sampling every %" PRIu64 " us",
			asked_ns / NS_PER_US, period_ns / NS_PER_US);
}

static void attach_samples(struct section_programs *programs, uint64_t asked_ns)
{
	uint64_t cost_ns = measure_sample_ns(programs);
	uint64_t period_ns = section_timer_period_ns(asked_ns, cost_ns);

	if (!section_samples_attach(&programs->samples, programs->skeleton, &programs->links,
				    period_ns)) {
		add_unattached(programs, "cannot sample: perf_event_open() is refused");
		return;
	}
	programs->samples.cost_ns = cost_ns;
	report_period(asked_ns, period_ns, cost_ns);
}

static bool attach_faults(struct section_programs *programs, enum fault fault,
			  const struct bpf_program *program)
{
	static const uint64_t configs[FAULT_COUNT] = {
		[FAULT_MINOR] = PERF_COUNT_SW_PAGE_FAULTS_MIN,
		[FAULT_MAJOR] = PERF_COUNT_SW_PAGE_FAULTS_MAJ,
	};
	const struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attributes),
		.config = configs[fault],
		.sample_period = 1,
	};

	return perf_events_attach(&programs->faults[fault], program, &attributes, &programs->links);
}

static void attach_software_events(struct section_programs *programs,
				   const struct section_options *options)
{
	struct diag_bpf *skeleton = programs->skeleton;

	if (!bpf_program__autoload(skeleton->progs.sect_fault))
		add_unattached(programs, SECTION_NO_FAULTS);
	else if (!attach_faults(programs, FAULT_MINOR, skeleton->progs.sect_minor_fault_done) ||
		 !attach_faults(programs, FAULT_MAJOR, skeleton->progs.sect_major_fault_done))
		add_unattached(programs, "cannot time page faults: perf_event_open() is refused");
	if (options->timer_ns)
		attach_samples(programs, options->timer_ns);
}

static bool attach_place(struct section_programs *programs, const struct uprobe_spec *spec,
			 bool start, uint32_t pair, struct problem *ret_problem)
{
	struct bpf_program *program = start ? programs->skeleton->progs.sect_uprobe_start
					    : programs->skeleton->progs.sect_uprobe_stop;
	struct bpf_uprobe_opts options = {
		.sz = sizeof(options),
		.bpf_cookie = pair,
		.retprobe = !start && spec->stop_is_return,
	};
	struct uprobe_target target;

	if (!uprobe_target_find(start ? &spec->start : &spec->stop, &target, ret_problem))
		return false;
	options.func_name = target.symbol;
	if (links_add(&programs->links,
		      bpf_program__attach_uprobe_opts(program, spec->pid ? (pid_t)spec->pid : -1,
						      target.file, target.offset_bytes, &options)))
		return true;
	if (errno == ENOENT && target.symbol)
		return uprobe_target_explain(&target, ret_problem);
	return problem_set(ret_problem, "--uprobe: %s: %s%s%s", target.file,
			   target.symbol ? target.symbol : "", target.symbol ? ": " : "",
			   strerror(errno));
}

static bool attach_uprobes(struct section_programs *programs, const struct section_options *options,
			   struct problem *ret_problem)
{
	for (uint32_t i = 0; i < options->uprobe_count; i++) {
		const struct uprobe_spec *spec = &options->uprobes[i];
		struct section_pair pair = {.threshold_ns = spec->threshold_ns};

		memcpy(pair.label, spec->label, sizeof(pair.label));
		if (!spec->label[0] && spec->start.symbol[0])
			memcpy(pair.label, spec->start.symbol,
			       strnlen(spec->start.symbol, sizeof(pair.label) - 1));
		if (bpf_map_update_elem(bpf_map__fd(programs->skeleton->maps.section_pairs), &i,
					&pair, BPF_ANY) != 0)
			return problem_set(ret_problem, "--uprobe: cannot store in its BPF map: %s",
					   strerror(errno));
		/* The stop is attached first: a section without a stop would stay open. */
		if (!attach_place(programs, spec, false, i, ret_problem) ||
		    !attach_place(programs, spec, true, i, ret_problem))
			return false;
	}
	return true;
}

/* Files that are attached already: attaching twice would record everything twice. */
struct probe_search {
	struct section_programs *programs;
	struct {
		dev_t device;
		ino_t inode;
	} files[SECTION_PROBE_FILES_MAX];
	size_t count;
};

static bool is_attached(struct probe_search *search, const struct stat *status)
{
	for (size_t i = 0; i < search->count; i++) {
		if (search->files[i].device == status->st_dev &&
		    search->files[i].inode == status->st_ino)
			return true;
	}
	return false;
}

/* Returns false and sets errno on failure. */
static bool attach_usdt_in(struct probe_search *search, const char *path)
{
	struct diag_bpf *skeleton = search->programs->skeleton;
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	if (is_attached(search, &status))
		return true;
	if (search->count == SECTION_PROBE_FILES_MAX) {
		errno = EMFILE;
		return false;
	}
	search->files[search->count].device = status.st_dev;
	search->files[search->count++].inode = status.st_ino;
	return links_add(&search->programs->links,
			 bpf_program__attach_usdt(skeleton->progs.sect_usdt_stop, -1, path,
						  SECTION_USDT_PROVIDER, SECTION_USDT_STOP,
						  NULL)) &&
	       links_add(&search->programs->links,
			 bpf_program__attach_usdt(skeleton->progs.sect_usdt_start, -1, path,
						  SECTION_USDT_PROVIDER, SECTION_USDT_START, NULL));
}

/* A failure does not end the recording. A process can have ended since it was found. */
static void attach_found_file(void *context, const char *path)
{
	if (!attach_usdt_in(context, path) && errno != ENOENT)
		message("warning: %s: cannot attach to its probes of diag/section.h: %s: its "
			"sections are not recorded",
			path, strerror(errno));
}

static bool attach_usdt(struct section_programs *programs, const struct options *options,
			struct problem *ret_problem)
{
	struct probe_search search = {.programs = programs};

	for (size_t i = 0; i < options->section.probe_file_count; i++) {
		const char *path = options->section.probe_files[i];

		if (!attach_usdt_in(&search, path))
			return problem_set(ret_problem,
					   "--usdt-in %s: no probes of diag/section.h, or cannot "
					   "attach to them: %s",
					   path, strerror(errno));
	}
	if (options->command)
		section_usdt_find_in_command(options->command[0], attach_found_file, &search);
	section_usdt_find(attach_found_file, &search);
	if (!options->quiet && search.count == 0 && options->section.uprobe_count == 0 &&
	    options->section.rule_count == 0 && !options->always_on.control)
		message("warning: no running program has the probes of diag/section.h: --usdt-in");
	return true;
}

static bool attach_all(struct section_programs *programs, const struct options *options,
		       struct problem *ret_problem)
{
	if (!open_slots(programs, &options->section, ret_problem) ||
	    !open_accounts(programs, ret_problem))
		return false;
	for (size_t i = 0; i < options->section.rule_count; i++) {
		if (!section_programs_add_rule(programs, &options->section.rules[i], ret_problem))
			return false;
	}
	programs->commands = bpf_program__attach_iter(programs->skeleton->progs.sect_order, NULL);
	if (!programs->commands)
		return problem_set(ret_problem, "cannot attach BPF program sect_order: %s",
				   strerror(errno));
	if (!attach_tracepoints(programs, ret_problem))
		return false;
	attach_software_events(programs, &options->section);
	return attach_uprobes(programs, &options->section, ret_problem) &&
	       attach_usdt(programs, options, ret_problem);
}

bool section_programs_attach(struct diag_bpf *skeleton, const struct options *options,
			     struct section_programs **ret_programs, struct problem *ret_problem)
{
	struct section_programs *programs = calloc(1, sizeof(*programs));

	if (!programs)
		return problem_set(ret_problem, "out of memory");
	programs->skeleton = skeleton;
	programs->kernel_stacks =
		step_stacks_new(bpf_map__fd(skeleton->maps.section_kernel_stacks));
	if (!programs->kernel_stacks) {
		free(programs);
		return problem_set(ret_problem, "out of memory");
	}
	if (!attach_all(programs, options, ret_problem)) {
		section_programs_free(programs);
		return false;
	}
	*ret_programs = programs;
	return true;
}

static void detach_all(struct section_programs *programs)
{
	section_samples_release(&programs->samples);
	for (size_t i = 0; i < FAULT_COUNT; i++)
		perf_events_release(&programs->faults[i]);
	links_release(&programs->links);
}

void section_programs_follow_cpus(struct section_programs *programs, struct cpu_hotplug *cpus)
{
	section_samples_follow_cpus(&programs->samples, cpus);
	for (size_t i = 0; i < FAULT_COUNT; i++)
		perf_events_follow_cpus(&programs->faults[i], cpus);
}

void section_programs_detach(struct section_programs *programs)
{
	/* Detaching takes time, in which stops are missed. Sections end before it. */
	programs->skeleton->bss->section_end_ns = clock_boottime_ns();
	detach_all(programs);
}

void section_programs_end(struct section_programs *programs)
{
	bool done;

	(void)section_programs_run_command(programs, SECTION_COMMAND_STOP_ALL, 0, 0, &done);
}

struct section_samples *section_programs_samples(struct section_programs *programs)
{
	return &programs->samples;
}

const char *section_programs_unattached(const struct section_programs *programs, size_t index)
{
	return index < programs->unattached_count ? programs->unattached[index] : NULL;
}

const uint8_t *section_programs_slot(const struct section_programs *programs, uint32_t number,
				     uint32_t *ret_bytes)
{
	if (number >= programs->slot_count)
		return NULL;
	*ret_bytes = programs->slot_bytes;
	return programs->slots + (size_t)number * programs->slot_stride + SECTION_INDEX_BYTES;
}

const uint64_t *section_programs_kernel_stack(struct section_programs *programs, uint32_t number,
					      size_t *ret_count)
{
	return step_stacks_find(programs->kernel_stacks, number, ret_count);
}

/* Only this thread writes to the map. */
static void return_one(struct section_programs *programs, uint64_t owner,
		       enum section_resource resource)
{
	const uint64_t owners[] = {owner, SECTION_OWNER_ALL};
	int fd = bpf_map__fd(programs->skeleton->maps.section_returns);

	for (size_t i = 0; i < 2; i++) {
		struct section_owner_returns returns = {0};

		(void)bpf_map_lookup_elem(fd, &owners[i], &returns);
		returns.returned[resource]++;
		(void)bpf_map_update_elem(fd, &owners[i], &returns, BPF_ANY);
	}
}

void section_programs_release_slot(struct section_programs *programs, uint32_t number,
				   uint64_t owner)
{
	put_free_slot(programs, number);
	return_one(programs, owner, SECTION_RESOURCE_SLOT);
}

bool section_programs_run_command(struct section_programs *programs, enum section_command_type type,
				  uint32_t tid, uint64_t threshold_ns, bool *ret_done)
{
	struct section_command *command = &programs->skeleton->bss->section_command;
	char bytes[64];
	int fd;

	*command = (struct section_command){.type = type, .tid = tid, .threshold_ns = threshold_ns};
	fd = bpf_iter_create(bpf_link__fd(programs->commands));
	if (fd < 0)
		return false;
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	(void)close(fd);
	*ret_done = command->done > 0;
	return command->found > 0;
}

static size_t count_rules(const struct section_programs *programs)
{
	int fd = bpf_map__fd(programs->skeleton->maps.section_rules);
	struct section_rule_key key, *previous = NULL;
	size_t count = 0;

	while (bpf_map_get_next_key(fd, previous, &key) == 0) {
		previous = &key;
		count++;
	}
	return count;
}

bool section_programs_add_rule(struct section_programs *programs, const struct syscall_rule *rule,
			       struct problem *ret_problem)
{
	const struct section_rule_key key = {.pid = syscall_rule_process(rule->pid),
					     .system_call = rule->system_call};
	int fd = bpf_map__fd(programs->skeleton->maps.section_rules);

	if (bpf_map_update_elem(fd, &key, &rule->threshold_ns, BPF_ANY) != 0)
		return problem_set(ret_problem, "cannot add a rule for a system call: %s",
				   errno == E2BIG ? "too many rules" : strerror(errno));
	programs->skeleton->bss->section_rule_count = (uint32_t)count_rules(programs);
	return true;
}

struct section_counts section_programs_count(struct section_programs *programs)
{
	const struct section_command *command = &programs->skeleton->bss->section_command;
	struct section_counts counts = {.rules = count_rules(programs)};
	bool done;

	if (section_programs_run_command(programs, SECTION_COMMAND_COUNT, 0, 0, &done)) {
		counts.threads = command->found;
		counts.open = command->done;
	}
	counts.started = programs->skeleton->bss->sections_started;
	return counts;
}

size_t section_programs_clear_rules(struct section_programs *programs, uint32_t pid)
{
	int fd = bpf_map__fd(programs->skeleton->maps.section_rules);
	uint32_t process = syscall_rule_process(pid);
	struct section_rule_key key, *previous = NULL;
	size_t cleared = 0;

	while (bpf_map_get_next_key(fd, previous, &key) == 0) {
		if (key.pid != process) {
			previous = &key;
			continue;
		}
		/* Starts again: iteration cannot continue after a key that was deleted. */
		cleared += bpf_map_delete_elem(fd, &key) == 0;
		previous = NULL;
	}
	programs->skeleton->bss->section_rule_count = (uint32_t)count_rules(programs);
	return cleared;
}

bool section_programs_histograms(struct section_programs *programs,
				 bool (*visit)(void *context,
					       const struct section_histogram_key *key,
					       const struct section_histogram *histogram),
				 void *context)
{
	int fd = bpf_map__fd(programs->skeleton->maps.duration_histograms);
	struct section_histogram_key key, *previous = NULL;
	struct section_histogram histogram;

	while (bpf_map_get_next_key(fd, previous, &key) == 0) {
		if (bpf_map_lookup_elem(fd, &key, &histogram) == 0 &&
		    !visit(context, &key, &histogram))
			return false;
		previous = &key;
	}
	return true;
}

/* The keys of histograms that can be freed. */
struct ended_histograms {
	struct section_programs *programs;
	uint64_t now_ns;
	size_t count;
	struct section_histogram_key keys[SECTION_HISTOGRAMS_MAX];
};

/* A thread can still be about to end its section when its process has ended. */
static bool has_ended(const struct ended_histograms *ended, const struct section_histogram_key *key)
{
	const struct section_process_key process = {.process_start_ns = key->process_start_ns,
						    .pid = key->pid};
	int fd = bpf_map__fd(ended->programs->skeleton->maps.section_processes);
	uint64_t ended_ns = 0;

	return bpf_map_lookup_elem(fd, &process, &ended_ns) == 0 && ended_ns &&
	       ended_ns + SECTION_ENDED_NS < ended->now_ns;
}

static bool note_ended(void *context, const struct section_histogram_key *key,
		       const struct section_histogram *histogram)
{
	struct ended_histograms *ended = context;

	(void)histogram;
	if (ended->count < SECTION_HISTOGRAMS_MAX && has_ended(ended, key))
		ended->keys[ended->count++] = *key;
	return true;
}

void section_programs_free_ended(struct section_programs *programs, uint64_t now_ns,
				 void (*gone)(void *context,
					      const struct section_histogram *histogram),
				 void *context)
{
	struct ended_histograms *ended = calloc(1, sizeof(*ended));
	int histograms = bpf_map__fd(programs->skeleton->maps.duration_histograms);
	int processes = bpf_map__fd(programs->skeleton->maps.section_processes);
	struct section_histogram histogram;

	if (!ended)
		return;
	ended->programs = programs;
	ended->now_ns = now_ns;
	(void)section_programs_histograms(programs, note_ended, ended);
	for (size_t i = 0; i < ended->count; i++) {
		const struct section_histogram_key *key = &ended->keys[i];
		const struct section_process_key process = {
			.process_start_ns = key->process_start_ns, .pid = key->pid};

		if (bpf_map_lookup_elem(histograms, key, &histogram) != 0 ||
		    bpf_map_delete_elem(histograms, key) != 0)
			continue;
		programs->ended_freed += bpf_map_delete_elem(processes, &process) == 0;
		return_one(programs, histogram.owner, SECTION_RESOURCE_HISTOGRAM);
		gone(context, &histogram);
	}
	free(ended);
}

uint64_t section_programs_ended(const struct section_programs *programs)
{
	return programs->skeleton->bss->section_processes_ended - programs->ended_freed;
}

struct section_failures section_programs_failures(const struct section_programs *programs)
{
	return programs->skeleton->bss->section_failures;
}

void section_programs_free(struct section_programs *programs)
{
	if (!programs)
		return;
	detach_all(programs);
	bpf_link__destroy(programs->commands);
	step_stacks_free(programs->kernel_stacks);
	if (programs->slots)
		(void)munmap(programs->slots, programs->slots_bytes);
	free(programs);
}
