/* record/privilege/privileges.c - gives up every right that recording does not need any more */
#include "record/privilege/privileges.h"

#include <bpf/bpf.h>
#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define CAPABILITY(number) (UINT64_C(1) << (number))

/* To follow /proc/PID/map_files, to look into processes, to read files whoever owns them. */
#define STACK_CAPABILITIES                                                                         \
	(CAPABILITY(CAP_CHECKPOINT_RESTORE) | CAPABILITY(CAP_SYS_PTRACE) |                         \
	 CAPABILITY(CAP_DAC_READ_SEARCH))

/* How long other threads have to begin, and to be done with dropping their rights. */
#define THREADS_WAIT_MS 10000

/* What a thread may do, as the kernel shows it. */
struct rights {
	uint64_t uid; /* effective */
	uint64_t permitted;
	uint64_t effective;
	uint64_t inheritable;
	uint64_t ambient;
	uint64_t no_new_privileges;
	uint64_t seccomp; /* 2: a filter is set */
};

/* "CapEff:\t00000000a80425fb", "Uid:\t0\t65534\t0\t65534": of the users the second is meant. */
static void take_line(const char *line, struct rights *rights)
{
	const struct {
		const char *name;
		uint64_t *value;
		int base;
		bool is_second;
	} numbers[] = {
		{"CapInh:", &rights->inheritable, 16, false},
		{"CapPrm:", &rights->permitted, 16, false},
		{"CapEff:", &rights->effective, 16, false},
		{"CapAmb:", &rights->ambient, 16, false},
		{"Uid:", &rights->uid, 10, true},
		{"NoNewPrivs:", &rights->no_new_privileges, 10, false},
		{"Seccomp:", &rights->seccomp, 10, false},
	};

	for (size_t i = 0; i < COUNT(numbers); i++) {
		size_t length = strlen(numbers[i].name);
		char *end;

		if (strncmp(line, numbers[i].name, length) != 0)
			continue;
		*numbers[i].value = strtoull(line + length, &end, numbers[i].base);
		if (numbers[i].is_second)
			*numbers[i].value = strtoull(end, NULL, numbers[i].base);
	}
}

static bool read_rights(const char *thread, struct rights *ret_rights)
{
	char name[sizeof("/proc/self/task//status") + 16];
	char line[256];
	FILE *status;

	*ret_rights = (struct rights){.permitted = UINT64_MAX, .seccomp = 0};
	(void)snprintf(name, sizeof(name), "/proc/self/task/%.15s/status", thread);
	status = fopen(name, "re");
	if (!status)
		return false;
	while (fgets(line, sizeof(line), status))
		take_line(line, ret_rights);
	(void)fclose(status);
	return ret_rights->permitted != UINT64_MAX;
}

static bool read_own_rights(struct rights *ret_rights)
{
	char thread[16];

	(void)snprintf(thread, sizeof(thread), "%d", (int)syscall(SYS_gettid));
	return read_rights(thread, ret_rights);
}

/* The name as capabilities(7) has it, without "cap_". */
static size_t append_names(uint64_t capabilities, char *out, size_t size)
{
	size_t used = 0;

	for (unsigned int i = 0; i < 64; i++) {
		const char *name = capabilities >> i & 1 ? capng_capability_to_name(i) : NULL;

		if (!name || used + strlen(name) + 2 > size)
			continue;
		used += (size_t)snprintf(out + used, size - used, " %s", name);
	}
	return used;
}

void privileges_describe(char *out, size_t size)
{
	struct rights rights;
	char names[512] = " none";

	if (!read_own_rights(&rights)) {
		(void)snprintf(out, size, "not known");
		return;
	}
	(void)append_names(rights.permitted, names, sizeof(names));
	(void)snprintf(out, size, "uid %llu, capabilities%s, no new privileges %s, seccomp %s",
		       (unsigned long long)rights.uid, names,
		       rights.no_new_privileges ? "on" : "off", rights.seccomp ? "on" : "off");
}

#ifndef DIAG_SANITIZED

/* System calls that are allowed whatever their arguments are. */
static const int recording_calls[] = {
	/* Files that are open, and files to be read: who owns nothing opens none for writing. */
	SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(lseek),
	SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(fstatfs),
	SCMP_SYS(getdents64), SCMP_SYS(openat2), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
	SCMP_SYS(ftruncate),
	/* Waiting */
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(timerfd_settime),
	SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(restart_syscall), SCMP_SYS(futex),
	SCMP_SYS(wait4), SCMP_SYS(membarrier),
	/* Memory */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* This process, and the machine */
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(geteuid), SCMP_SYS(getrusage), SCMP_SYS(uname),
	SCMP_SYS(sysinfo), SCMP_SYS(sched_getaffinity), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(exit), SCMP_SYS(exit_group),
	/* What the C library does first in a thread that has just been made */
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	/* Asking for the next file, which comes from a process that does nothing else */
	SCMP_SYS(sendmsg), SCMP_SYS(recvmsg)};

static const int order_calls[] = {SCMP_SYS(accept4), SCMP_SYS(recvfrom), SCMP_SYS(sendto)};

static const int file_calls[] = {
	SCMP_SYS(recvfrom), SCMP_SYS(sendmsg),      SCMP_SYS(openat),     SCMP_SYS(close),
	SCMP_SYS(fstat),    SCMP_SYS(newfstatat),   SCMP_SYS(faccessat2), SCMP_SYS(faccessat),
	SCMP_SYS(fchmod),   SCMP_SYS(flock),        SCMP_SYS(unlinkat),   SCMP_SYS(unlink),
	SCMP_SYS(fcntl),    SCMP_SYS(rt_sigreturn), SCMP_SYS(exit_group)};

static const int event_calls[] = {SCMP_SYS(recvfrom),        SCMP_SYS(sendmsg),
				  SCMP_SYS(perf_event_open), SCMP_SYS(close),
				  SCMP_SYS(rt_sigreturn),    SCMP_SYS(exit_group)};

/* And those of which one argument, as far as the mask goes, must have one value. */
struct limited_call {
	int call;
	unsigned int argument;
	uint64_t mask;
	uint64_t value;
};

#define OPEN_TO_WRITE (O_ACCMODE | O_CREAT | O_TRUNC)

static const struct limited_call recording_limited_calls[] = {
	{SCMP_SYS(openat), 2, OPEN_TO_WRITE, O_RDONLY},
	{SCMP_SYS(mmap), 2, PROT_EXEC, 0},
	{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_DUPFD_CLOEXEC},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFD},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFL},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, TCGETS}, /* isatty() */
	/* Events that are open: samples are switched on while a section runs. */
	{SCMP_SYS(ioctl), 1, UINT32_MAX, PERF_EVENT_IOC_ENABLE},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, PERF_EVENT_IOC_DISABLE},
	/* Of a program loaded before, on a CPU that has come */
	{SCMP_SYS(ioctl), 1, UINT32_MAX, PERF_EVENT_IOC_SET_BPF},
	{SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_LOOKUP_ELEM},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_UPDATE_ELEM},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_DELETE_ELEM},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_GET_NEXT_KEY},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_OBJ_GET_INFO_BY_FD},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_ITER_CREATE},   /* of a link that was made before */
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_PROG_TEST_RUN}, /* of a program loaded before */
};

static bool allow_calls(scmp_filter_ctx filter, const int *calls, size_t count)
{
	bool ok = filter != NULL;

	for (size_t i = 0; ok && i < count; i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) == 0;
	return ok;
}

static bool allow_limited_calls(scmp_filter_ctx filter, const struct limited_call *calls,
				size_t count)
{
	bool ok = filter != NULL;

	for (size_t i = 0; ok && i < count; i++) {
		const struct scmp_arg_cmp argument = SCMP_CMP64(
			calls[i].argument, SCMP_CMP_MASKED_EQ, calls[i].mask, calls[i].value);

		ok = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i].call, 1, &argument) ==
		     0;
	}
	return ok;
}

/* Only this process, and only so that it can end in an orderly way. */
static bool allow_end_of(scmp_filter_ctx filter, pid_t command)
{
	const struct scmp_arg_cmp arguments[] = {
		SCMP_CMP32(0, SCMP_CMP_EQ, (uint32_t)command, 0),
		SCMP_CMP32(1, SCMP_CMP_EQ, SIGTERM, 0),
	};

	return filter &&
	       seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill), 2, arguments) == 0;
}

/* The filter is set in all threads. Returns 0 or an errno. */
static int load_filter(scmp_filter_ctx filter, bool is_complete)
{
	int error = is_complete ? -seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) : ENOMEM;

	if (error == 0)
		error = -seccomp_load(filter);
	seccomp_release(filter);
	return error;
}

static int filter_recording(const struct privileges_use *use)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool ok = allow_calls(filter, recording_calls, COUNT(recording_calls)) &&
		  allow_limited_calls(filter, recording_limited_calls,
				      COUNT(recording_limited_calls)) &&
		  (!use->orders || allow_calls(filter, order_calls, COUNT(order_calls))) &&
		  (use->command <= 0 || allow_end_of(filter, use->command));

	return load_filter(filter, ok);
}

static int filter_other_process(const int *calls, size_t count)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	return load_filter(filter, allow_calls(filter, calls, count));
}

/* Only who has CAP_SETPCAP can, and nobody else gains by it. */
static void empty_bounding_set(void)
{
	capng_clear(CAPNG_SELECT_BOUNDS);
	(void)capng_apply(CAPNG_SELECT_BOUNDS);
}

/* By the system calls themselves, which are about this thread alone. */
static bool leave_root(void)
{
	if (geteuid() != 0)
		return true;
	return syscall(SYS_setgroups, 0, NULL) == 0 &&
	       syscall(SYS_setresgid, PRIVILEGES_NOBODY, PRIVILEGES_NOBODY, PRIVILEGES_NOBODY) ==
		       0 &&
	       syscall(SYS_setresuid, -1, PRIVILEGES_NOBODY, -1) == 0;
}

/* Of those that are permitted, keeps `permitted`, and uses `effective` of these. */
static bool keep_capabilities(uint64_t permitted, uint64_t effective)
{
	struct rights rights;

	if (!read_own_rights(&rights))
		return false;
	capng_clear(CAPNG_SELECT_CAPS);
	for (unsigned int i = 0; i < 64; i++) {
		if (permitted & rights.permitted & CAPABILITY(i))
			(void)capng_update(CAPNG_ADD, CAPNG_PERMITTED, i);
		if (effective & rights.permitted & CAPABILITY(i))
			(void)capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, i);
	}
	return capng_apply(CAPNG_SELECT_CAPS) == 0;
}

static bool drop_thread(uint64_t capabilities)
{
	empty_bounding_set();
	return leave_root() && keep_capabilities(capabilities, capabilities) &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool privileges_drop_thread(void)
{
	return drop_thread(STACK_CAPABILITIES);
}

bool privileges_drop_all_of_thread(void)
{
	return drop_thread(0);
}

/* Tries instead of comparing versions: distributions bring changes to older kernels. */
static bool drop_bpf_if_possible(uint64_t capabilities, int map_fd)
{
	const uint64_t with_bpf = capabilities | CAPABILITY(CAP_BPF);
	uint32_t key;

	if (!keep_capabilities(with_bpf, capabilities))
		return false;
	if (map_fd >= 0 && bpf_map_get_next_key(map_fd, NULL, &key) != 0 && errno == EPERM)
		return keep_capabilities(with_bpf, with_bpf);
	return keep_capabilities(capabilities, capabilities);
}

static bool is_dropped(const struct rights *rights, bool filtered)
{
	return rights->uid != 0 && rights->inheritable == 0 && rights->ambient == 0 &&
	       rights->effective == rights->permitted &&
	       (rights->permitted &
		~(STACK_CAPABILITIES | CAPABILITY(CAP_KILL) | CAPABILITY(CAP_BPF))) == 0 &&
	       rights->no_new_privileges == 1 && (!filtered || rights->seccomp == 2);
}

/* Whether every thread is; one that has just ended is no matter. */
static bool all_are_dropped(bool filtered)
{
	DIR *threads = opendir("/proc/self/task");
	const struct dirent *entry;
	bool all = threads != NULL;

	/* cppcheck-suppress readdirCalled ; nobody else reads this directory stream */
	while (all && (entry = readdir(threads)) != NULL) {
		struct rights rights;

		if (entry->d_name[0] != '.' && read_rights(entry->d_name, &rights))
			all = is_dropped(&rights, filtered);
	}
	if (threads)
		(void)closedir(threads);
	return all;
}

static bool wait_for_threads(void)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (int waited_ms = 0; !all_are_dropped(false); waited_ms++) {
		if (waited_ms == THREADS_WAIT_MS)
			return false;
		(void)nanosleep(&pause, NULL);
	}
	return true;
}

bool privileges_drop(const struct privileges_use *use, struct problem *ret_problem)
{
	uint64_t capabilities = use->user_stacks ? STACK_CAPABILITIES : 0;
	int error;

	if (use->command > 0)
		capabilities |= CAPABILITY(CAP_KILL);
	if (!drop_thread(capabilities | CAPABILITY(CAP_BPF)) ||
	    !drop_bpf_if_possible(capabilities, use->map_fd))
		return problem_set(ret_problem,
				   "cannot give up the rights that recording does not need: %s: "
				   "something outside of diag-record forbids it",
				   strerror(errno));
	if (!wait_for_threads())
		return problem_set(ret_problem, "cannot give up the rights that recording does not "
						"need: a thread has kept its own, or there is not "
						"enough memory to see that");
	/* Whoever is that user now does not look into this process, nor get its memory in a core.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return problem_set(ret_problem, "cannot forbid others to look into diag-record: %s",
				   strerror(errno));
	error = filter_recording(use);
	if (error)
		return problem_set(ret_problem,
				   "cannot give up the system calls that recording does not need: "
				   "%s: a kernel with CONFIG_SECCOMP_FILTER is needed",
				   strerror(error));
	return all_are_dropped(true) ||
	       problem_set(ret_problem, "cannot give up the rights that recording does not need: "
					"the kernel shows some of them still, or there is not "
					"enough memory to see that");
}

static bool keep_for_other_process(uint64_t capabilities, const int *calls, size_t count)
{
	empty_bounding_set();
	return keep_capabilities(capabilities, capabilities) &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       filter_other_process(calls, count) == 0;
}

bool privileges_keep_files(void)
{
	return keep_for_other_process(CAPABILITY(CAP_DAC_OVERRIDE), file_calls, COUNT(file_calls));
}

bool privileges_keep_events(void)
{
	return keep_for_other_process(CAPABILITY(CAP_PERFMON) | CAPABILITY(CAP_SYS_ADMIN),
				      event_calls, COUNT(event_calls));
}

#else

/* The sanitizers open files and start processes whenever they like. */
bool privileges_drop_thread(void)
{
	return true;
}

bool privileges_drop_all_of_thread(void)
{
	return true;
}

bool privileges_drop(const struct privileges_use *use, struct problem *ret_problem)
{
	(void)use;
	(void)ret_problem;
	return true;
}

bool privileges_keep_files(void)
{
	return true;
}

bool privileges_keep_events(void)
{
	return true;
}

#endif
