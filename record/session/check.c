/* record/session/check.c - which features this kernel has, and how to get the others */
#include "record/session/check.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <link.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "record/attach/programs.h"
#include "record/common/kernel_release.h"
#include "record/common/pid_namespace.h"
#include "record/kernel/kernel_types.h"
#include "record/kernel/tracefs.h"
#include "record/options/options.h"
#include "record/options/probe_options.h"
#include "record/options/section_options.h"
#include "record/probes/fentry.h"
#include "record/probes/probe_programs.h"
#include "record/sections/section_programs.h"
#include "record/stacks/perf_ring.h"
#include "symbols/kallsyms.h"
#include "symbols/registers.h"
#include "text/escape.h"

/* Each returns whether the feature is available; if not, sets the problem. */
static bool check_privileges(struct problem *ret_problem)
{
	return programs_have_privileges() ||
	       problem_set(ret_problem, "run as root, or with CAP_BPF and CAP_PERFMON");
}

static bool check_types(struct problem *ret_problem)
{
	if (access("/sys/kernel/btf/vmlinux", R_OK) == 0)
		return true;
	return problem_set(ret_problem,
			   "needs a kernel built with CONFIG_DEBUG_INFO_BTF, and /sys");
}

/* With the smallest rings. */
static bool check_memory(struct problem *ret_problem)
{
	const struct options options = {
		.events = OPTIONS_EXIT | OPTIONS_SIGNAL,
		.ring_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
	};

	return programs_fit_memory(&options, ret_problem);
}

static const struct programs_family none;

/* Loads the programs for these options, and unloads them. */
static bool check_options(const struct options *options, struct problem *ret_problem)
{
	struct programs *programs;

	if (!programs_load(options, &none, &programs, ret_problem))
		return false;
	programs_free(programs);
	return true;
}

static bool check_exit(struct problem *ret_problem)
{
	return check_options(&(struct options){.events = OPTIONS_EXIT}, ret_problem);
}

static bool check_signal(struct problem *ret_problem)
{
	return check_options(&(struct options){.events = OPTIONS_SIGNAL}, ret_problem);
}

static bool check_out_of_memory(struct problem *ret_problem)
{
	struct options options = {.events = OPTIONS_SIGNAL};
	struct programs *programs;
	struct programs_unattached unattached;
	bool complete = true;

	if (!programs_load(&options, &none, &programs, ret_problem))
		return false;
	for (size_t i = 0; programs_unattached(programs, i, &unattached); i++)
		complete = complete && problem_set(ret_problem, "%s", unattached.reason);
	programs_free(programs);
	return complete;
}

/* Opens the clock of samples, on the first CPU and disabled. */
static bool check_samples(struct problem *ret_problem)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attributes),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = 1000000,
		.disabled = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return problem_set(ret_problem,
				   "cannot open a perf event: %s: add CAP_PERFMON, or lower "
				   "kernel.perf_event_paranoid",
				   strerror(errno));
	(void)close(fd);
	return true;
}

/* Attaches a probe, which is there for a moment, as a recording does. */
static bool attach_probe(const char *text, struct problem *ret_problem)
{
	const struct kallsyms no_symbols = {0};
	struct options options = {.events = OPTIONS_PROBE};
	struct programs *programs;
	bool is_attached = false;

	probe_options_add(&options.probes, text);
	if (programs_load(&options, &none, &programs, ret_problem)) {
		is_attached = programs_attach(programs, &options, &no_symbols, ret_problem);
		programs_free(programs);
	}
	probe_options_release(&options.probes);
	return is_attached;
}

/* If no perf event at all can be opened, that is the problem. */
static bool check_probe(const char *text, struct problem *ret_problem)
{
	struct problem why = {""};

	return attach_probe(text, &why) ||
	       (check_samples(ret_problem) && problem_set(ret_problem, "%s", why.text));
}

static bool has_kprobes(struct problem *ret_problem)
{
	if (!programs_are_allowed(ret_problem))
		return false;
	if (probe_programs_kernel_has_kprobes())
		return true;
	return problem_set(ret_problem, "needs a kernel built with CONFIG_KPROBES and "
					"CONFIG_KPROBE_EVENTS; tracepoints can be used "
					"instead");
}

static bool check_kprobes(struct problem *ret_problem)
{
	return has_kprobes(ret_problem) && check_probe("kprobe:hrtimer_nanosleep", ret_problem);
}

static bool check_kretprobes(struct problem *ret_problem)
{
	if (!has_kprobes(ret_problem))
		return false;
	if (!kernel_types_have("kretprobe", NULL))
		return problem_set(ret_problem, "needs a kernel built with CONFIG_KRETPROBES");
	return check_probe("kretprobe:hrtimer_nanosleep", ret_problem);
}

static bool check_kprobe_multi(struct problem *ret_problem)
{
	return has_kprobes(ret_problem) &&
	       (kernel_types_have("bpf_kprobe_multi_link", NULL) ||
		problem_set(ret_problem, "functions are attached one by one, which takes longer: "
					 "needs Linux 5.18 or later with CONFIG_FPROBE"));
}

static bool check_fentry(struct problem *ret_problem)
{
	struct problem why;

	return programs_are_allowed(ret_problem) &&
	       (fentry_is_allowed(&why) ||
		problem_set(ret_problem, "not supported by this kernel (%s)", why.text));
}

static bool check_tracepoints(struct problem *ret_problem)
{
	return tracefs_find(ret_problem) != NULL &&
	       check_probe("tracepoint:sched:sched_process_exec", ret_problem);
}

static bool check_kernel_symbols(struct problem *ret_problem)
{
	struct kallsyms symbols = {0};
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);
	bool visible = fd >= 0 && kallsyms_read(fd, &symbols) == SYMBOLS_OK;

	kallsyms_release(&symbols);
	if (fd >= 0)
		(void)close(fd);
	return visible || problem_set(ret_problem, "kernel stacks have no names: set "
						   "kernel.kptr_restrict to 0, or add CAP_SYSLOG");
}

static bool check_section(struct problem *ret_problem)
{
	struct options options = {.events = OPTIONS_SECTION};

	section_options_init(&options.section);
	return check_options(&options, ret_problem);
}

static bool check_page_faults(struct problem *ret_problem)
{
	return kernel_types_have_tracepoint("page_fault_user") ||
	       problem_set(ret_problem, SECTION_NO_FAULTS);
}

#define STACKS_ARE_COPIED "each user stack is copied, which takes some four times as long"

static bool check_stack_tables(struct problem *ret_problem)
{
	if (!DIAG_UNWIND_TABLES)
		return problem_set(ret_problem, "not in a build for %s: " STACKS_ARE_COPIED,
				   registers_native()->name);
	return libbpf_probe_bpf_helper(BPF_PROG_TYPE_KPROBE, BPF_FUNC_find_vma, NULL) == 1 ||
	       problem_set(ret_problem, "needs Linux 5.17 or later: " STACKS_ARE_COPIED);
}

static bool check_narrow_stacks(struct problem *ret_problem)
{
	const struct register_layout *layout = registers_native();

	return layout->narrow != NULL ||
	       problem_set(ret_problem, "not on %s: their exits and signals are recorded",
			   layout->name);
}

/* libbpf uses tracefs where the kernel has no such perf events. */
static bool has_uprobes(struct problem *ret_problem)
{
	const char *place = tracefs_find(&(struct problem){""});
	char path[PATH_MAX];

	if (access("/sys/bus/event_source/devices/uprobe", F_OK) == 0)
		return true;
	(void)snprintf(path, sizeof(path), "%s/uprobe_events", place ? place : "");
	if (access(path, W_OK) == 0)
		return true;
	return problem_set(ret_problem, "needs a kernel built with CONFIG_UPROBES and "
					"CONFIG_UPROBE_EVENTS; system calls and paths mark "
					"sections without it");
}

/* The program itself comes first. */
static int find_base(struct dl_phdr_info *program, size_t size, void *base)
{
	(void)size;
	*(uintptr_t *)base = program->dlpi_addr;
	return 1;
}

/* In a function of this program that does not run again. */
static bool check_uprobes(struct problem *ret_problem)
{
	uintptr_t base = 0;
	char text[64];

	(void)dl_iterate_phdr(find_base, &base);
	(void)snprintf(text, sizeof(text), "uprobe:/proc/self/exe:0x%" PRIxPTR,
		       (uintptr_t)check_print - base);
	return has_uprobes(ret_problem) && check_probe(text, ret_problem);
}

/* Opens a ring on the first CPU only; if that is offline, nothing is known. */
static bool check_user_stacks(struct problem *ret_problem)
{
	struct perf_ring ring = {0};
	enum symbols_status status = perf_ring_open(0, (size_t)sysconf(_SC_PAGESIZE), NULL, &ring);

	if (status == SYMBOLS_OK)
		perf_ring_close(&ring);
	return status == SYMBOLS_OK || (status == SYMBOLS_IO && errno == ENODEV) ||
	       problem_set(ret_problem,
			   "cannot record mmap events: %s: run as root, or with CAP_PERFMON and "
			   "kernel.perf_event_paranoid below 3, or use --user-stack 0",
			   strerror(errno));
}

static bool check_cgroups(struct problem *ret_problem)
{
	if (access("/proc/self/cgroup", R_OK) == 0)
		return true;
	return problem_set(ret_problem, "needs a kernel built with CONFIG_CGROUPS");
}

static bool check_pid_namespace(struct problem *ret_problem)
{
	if (!pid_namespace_has_proc())
		return problem_set(ret_problem,
				   "/proc: not mounted for this namespace: processes older than "
				   "the recording have no user stacks: mount it");
	return pid_namespace_own() == 0 ||
	       problem_set(ret_problem,
			   "not the initial one: processes without a number here have no user "
			   "stacks, and no arguments of ancestors are recorded: run it on the "
			   "host");
}

static bool check_profile(uint32_t event, const char *name, struct problem *ret_problem)
{
	struct options options = {.events = event};

	return profile_options_set(&options.profile, name, NULL) &&
	       check_options(&options, ret_problem);
}

static bool check_runq(struct problem *ret_problem)
{
	return check_profile(OPTIONS_RUNQ, "runq", ret_problem);
}

static bool check_cpu(struct problem *ret_problem)
{
	return check_samples(ret_problem) && check_profile(OPTIONS_CPU, "cpu", ret_problem);
}

static bool check_offcpu(struct problem *ret_problem)
{
	return check_profile(OPTIONS_OFFCPU, "offcpu", ret_problem);
}

static const struct feature {
	const char *name;
	const char *meaning;
	/* FIRST: without it the others are not tried. OF_PROGRAMS: of no use where the programs of
	 * -e exit cannot be loaded. */
	enum { OPTIONAL, ESSENTIAL, FIRST, OF_PROGRAMS } need;
	bool (*is_there)(struct problem *ret_problem);
} features[] = {
	{"memory", "for BPF programs and rings", FIRST, check_memory},
	{"privileges", "to load BPF programs", ESSENTIAL, check_privileges},
	{"kernel types", "BTF, to adapt programs to this kernel", ESSENTIAL, check_types},
	{"exit", "-e exit", ESSENTIAL, check_exit},
	{"signal", "-e signal", ESSENTIAL, check_signal},
	{"oom", "memory of victims of the out-of-memory killer", OPTIONAL, check_out_of_memory},
	{"user stacks", "call stacks of user space", OF_PROGRAMS, check_user_stacks},
	{"stack tables", "user stacks are walked in the kernel", OPTIONAL, check_stack_tables},
	{"32-bit stacks", "call stacks of 32-bit processes", OPTIONAL, check_narrow_stacks},
	{"kprobes", "-e kprobe:FUNCTION", OPTIONAL, check_kprobes},
	{"kretprobes", "-e kretprobe:FUNCTION", OPTIONAL, check_kretprobes},
	{"kprobe.multi", "many kprobes attached at once", OPTIONAL, check_kprobe_multi},
	{"fentry", "not used: a hit with its stack costs more than with a kprobe", OPTIONAL,
	 check_fentry},
	{"tracepoints", "-e tracepoint:CATEGORY:NAME", OPTIONAL, check_tracepoints},
	{"section", "-e section", OPTIONAL, check_section},
	{"runq", "-e runq", OPTIONAL, check_runq},
	{"cpu", "-e cpu", OPTIONAL, check_cpu},
	{"offcpu", "-e offcpu", OPTIONAL, check_offcpu},
	{"uprobes", "-e uprobe:, uretprobe: and usdt:, --uprobe, sections by USDT", OPTIONAL,
	 check_uprobes},
	{"page faults", "in the steps of sections", OF_PROGRAMS, check_page_faults},
	{"samples", "--timer-us, and the duration of page faults", OF_PROGRAMS, check_samples},
	{"kernel symbols", "names in kernel stacks", OF_PROGRAMS, check_kernel_symbols},
	{"control groups", "paths of control groups, --cgroup", OPTIONAL, check_cgroups},
	{"pid namespace", "user stacks of all processes, arguments of ancestors", OPTIONAL,
	 check_pid_namespace},
};

static void check_print_feature(const struct feature *feature, bool is_there,
				const struct problem *problem)
{
	printf("%-15s %-4s %s", feature->name, is_there ? "yes" : "no", feature->meaning);
	if (!is_there) {
		fputs(": ", stdout);
		(void)escape_write(stdout, ESCAPE_TERMINAL, problem->text, strlen(problem->text));
	}
	putchar('\n');
}

static void check_print_host(const struct utsname *host)
{
	printf("Linux %s on %s%s\n", host->release, host->machine,
	       kernel_is_older_than_tested() ? ": older than " KERNEL_RELEASE_TESTED
					       ", the oldest kernel that was tested"
					     : "");
}

static const char *conclusion(bool complete, bool has_stacks)
{
	if (!complete)
		return "Exits and signals cannot be recorded here yet: see above.";
	if (!has_stacks)
		return "Exits and signals can be recorded here with --user-stack 0: see above.";
	return "Exits and signals can be recorded here. diag-record --self-test tries it.";
}

int check_print(void)
{
	struct utsname host;
	bool complete = true;
	bool has_stacks = true;
	bool has_programs = true;

	if (uname(&host) == 0)
		check_print_host(&host);
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		struct problem problem = {""};
		bool is_there = features[i].is_there(&problem);

		if (is_there && features[i].need == OF_PROGRAMS && !has_programs)
			is_there = problem_set(&problem, "no program can be loaded: see exit");
		check_print_feature(&features[i], is_there, &problem);
		complete &=
			is_there || features[i].need == OPTIONAL || features[i].need == OF_PROGRAMS;
		has_programs &= is_there || features[i].is_there != check_exit;
		has_stacks &= is_there || features[i].is_there != check_user_stacks;
		if (!is_there && features[i].need == FIRST)
			break;
	}
	puts(conclusion(complete, has_stacks));
	return complete && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
