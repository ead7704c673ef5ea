/* record/privilege/privileges.c - drops every privilege that recording does not need */
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

#include "base/line_reader.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define CAPABILITY(number) (UINT64_C(1) << (number))

/* To open /proc/PID/map_files, to read other processes, and to read files of any owner. */
#define STACK_CAPABILITIES                                                                         \
	(CAPABILITY(CAP_CHECKPOINT_RESTORE) | CAPABILITY(CAP_SYS_PTRACE) |                         \
	 CAPABILITY(CAP_DAC_READ_SEARCH))

/* Longer lines of /proc/PID/status are not needed. */
#define STATUS_LINE_MAX 255u

/* Longest time that other threads take to start and drop their privileges. */
#define THREADS_WAIT_MS 10000

/* The privileges of a thread, as in /proc/PID/task/TID/status. */
struct thread_privileges {
	uint64_t uid; /* effective */
	uint64_t permitted;
	uint64_t effective;
	uint64_t inheritable;
	uint64_t ambient;
	uint64_t no_new_privileges;
	uint64_t seccomp; /* 2: a filter is set */
};

/* Parses lines such as "CapEff:\t00000000a80425fb" and "Uid:\t0\t65534\t0\t65534", where the second
 * user is the effective one. */
static void take_line(const char *line, struct thread_privileges *privileges)
{
	const struct {
		const char *name;
		uint64_t *value;
		int base;
		bool is_second;
	} numbers[] = {
		{"CapInh:", &privileges->inheritable, 16, false},
		{"CapPrm:", &privileges->permitted, 16, false},
		{"CapEff:", &privileges->effective, 16, false},
		{"CapAmb:", &privileges->ambient, 16, false},
		{"Uid:", &privileges->uid, 10, true},
		{"NoNewPrivs:", &privileges->no_new_privileges, 10, false},
		{"Seccomp:", &privileges->seccomp, 10, false},
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

static bool read_privileges(const char *thread, struct thread_privileges *ret_privileges)
{
	const struct line_limits limits = {.line_bytes = STATUS_LINE_MAX};
	char name[sizeof("/proc/self/task//status") + 16];
	struct line_reader reader;
	struct line line;
	int fd;

	*ret_privileges = (struct thread_privileges){.permitted = UINT64_MAX, .seccomp = 0};
	(void)snprintf(name, sizeof(name), "/proc/self/task/%.15s/status", thread);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (line_reader_open(&reader, fd, &limits) == LINE_OK) {
		while (line_reader_next(&reader, &line) == LINE_OK)
			take_line(line.text, ret_privileges);
		line_reader_close(&reader);
	}
	(void)close(fd);
	return ret_privileges->permitted != UINT64_MAX;
}

static bool read_own_privileges(struct thread_privileges *ret_privileges)
{
	char thread[16];

	(void)snprintf(thread, sizeof(thread), "%d", (int)syscall(SYS_gettid));
	return read_privileges(thread, ret_privileges);
}

/* Appends the names of capabilities(7), without "cap_". */
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
	struct thread_privileges privileges;
	char names[512] = " none";

	if (!read_own_privileges(&privileges)) {
		(void)snprintf(out, size, "not known");
		return;
	}
	(void)append_names(privileges.permitted, names, sizeof(names));
	(void)snprintf(out, size, "uid %llu, capabilities%s, no new privileges %s, seccomp %s",
		       (unsigned long long)privileges.uid, names,
		       privileges.no_new_privileges ? "on" : "off",
		       privileges.seccomp ? "on" : "off");
}

#ifndef DIAG_SANITIZED

/* System calls that are allowed with any arguments. */
static const int recording_calls[] = {
	/* Files that are open, and files to be read: openat2() is not limited, as
	 * a user that owns nothing can open none for writing. */
	SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pwrite64),
	SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(fstatfs),
	SCMP_SYS(getdents64), SCMP_SYS(openat2), SCMP_SYS(fsync), SCMP_SYS(fdatasync),
	SCMP_SYS(ftruncate),
	/* Waiting */
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(timerfd_settime),
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(restart_syscall), SCMP_SYS(futex), SCMP_SYS(wait4), SCMP_SYS(membarrier),
	/* Memory */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* Information about this process and the machine */
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(geteuid), SCMP_SYS(getrusage), SCMP_SYS(uname),
	SCMP_SYS(sysinfo), SCMP_SYS(sched_getaffinity), SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(exit), SCMP_SYS(exit_group),
	/* The C library calls these first in a new thread. */
	SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	/* Requests to the helper processes */
	SCMP_SYS(sendmsg), SCMP_SYS(recvmsg)};

static const int command_calls[] = {SCMP_SYS(accept4), SCMP_SYS(getsockopt), SCMP_SYS(recvfrom),
				    SCMP_SYS(sendto)};

static const int memory_file_calls[] = {SCMP_SYS(memfd_create)};

static const int file_calls[] = {
	SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(fstat),
	SCMP_SYS(newfstatat), SCMP_SYS(faccessat2), SCMP_SYS(faccessat), SCMP_SYS(fchmod),
	SCMP_SYS(flock), SCMP_SYS(unlinkat), SCMP_SYS(unlink), SCMP_SYS(fcntl),
	SCMP_SYS(getdents64), SCMP_SYS(lseek), SCMP_SYS(pread64), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(exit_group),
	/* It waits for the lock of a file. */
	SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(restart_syscall)};

static const int event_calls[] = {SCMP_SYS(recvfrom),        SCMP_SYS(sendmsg),
				  SCMP_SYS(perf_event_open), SCMP_SYS(close),
				  SCMP_SYS(rt_sigreturn),    SCMP_SYS(exit_group)};

/* The helper process that reads files: these, and those of reading_limited_calls. */
static const int reading_calls[] = {
	SCMP_SYS(recvmsg),    SCMP_SYS(sendmsg),      SCMP_SYS(openat2),
	SCMP_SYS(close),      SCMP_SYS(read),         SCMP_SYS(pread64),
	SCMP_SYS(lseek),      SCMP_SYS(fstat),        SCMP_SYS(newfstatat),
	SCMP_SYS(fstatfs),    SCMP_SYS(memfd_create), SCMP_SYS(write),
	SCMP_SYS(statx),      SCMP_SYS(brk),          SCMP_SYS(munmap),
	SCMP_SYS(mremap),     SCMP_SYS(madvise),      SCMP_SYS(getrandom),
	SCMP_SYS(getpid),     SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
	SCMP_SYS(exit_group), SCMP_SYS(clock_gettime)};

/* The helper process that starts those. The filter of a reader is set in addition to this one. */
static const int starting_calls[] = {
	SCMP_SYS(recvfrom),  SCMP_SYS(clone),           SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),      SCMP_SYS(gettid),          SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(socketpair),
	SCMP_SYS(wait4),     SCMP_SYS(close_range),     SCMP_SYS(prctl),
	SCMP_SYS(seccomp)};

/* The helper process that writes, and its thread that syncs. It can open no file. */
static const int writing_calls[] = {SCMP_SYS(recvmsg),        SCMP_SYS(read),
				    SCMP_SYS(pwrite64),       SCMP_SYS(ftruncate),
				    SCMP_SYS(fsync),          SCMP_SYS(fdatasync),
				    SCMP_SYS(fstatfs),        SCMP_SYS(fcntl),
				    SCMP_SYS(close),          SCMP_SYS(poll),
				    SCMP_SYS(ppoll),          SCMP_SYS(futex),
				    SCMP_SYS(clock_gettime),  SCMP_SYS(brk),
				    SCMP_SYS(munmap),         SCMP_SYS(madvise),
				    SCMP_SYS(prctl),          SCMP_SYS(set_robust_list),
				    SCMP_SYS(rseq),           SCMP_SYS(rt_sigreturn),
				    SCMP_SYS(rt_sigprocmask), SCMP_SYS(restart_syscall),
				    SCMP_SYS(exit),           SCMP_SYS(exit_group)};

/* System calls that are allowed if the masked bits of one argument have this value. */
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
	{SCMP_SYS(ioctl), 1, UINT32_MAX, TCSETS}, /* the terminal of a command that was killed */
	/* Samples are switched on while a thread is in a section. */
	{SCMP_SYS(ioctl), 1, UINT32_MAX, PERF_EVENT_IOC_ENABLE},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, PERF_EVENT_IOC_DISABLE},
	/* Attaches a program that is loaded to an event on a CPU that came online. */
	{SCMP_SYS(ioctl), 1, UINT32_MAX, PERF_EVENT_IOC_SET_BPF},
	{SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_LOOKUP_ELEM},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_UPDATE_ELEM},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_DELETE_ELEM},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_GET_NEXT_KEY},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_OBJ_GET_INFO_BY_FD},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_ITER_CREATE},   /* of an existing link */
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_PROG_TEST_RUN}, /* of a loaded program */
};

static const struct limited_call reading_limited_calls[] = {
	{SCMP_SYS(openat), 2, OPEN_TO_WRITE, O_RDONLY},
	{SCMP_SYS(mmap), 2, PROT_EXEC, 0},
	{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
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

static bool allow_signal(scmp_filter_ctx filter, int call, pid_t process, int number_argument,
			 int number)
{
	const struct scmp_arg_cmp arguments[] = {
		SCMP_CMP32(0, SCMP_CMP_EQ, (uint32_t)process, 0),
		SCMP_CMP32((unsigned int)number_argument, SCMP_CMP_EQ, (uint32_t)number, 0),
	};

	return filter && seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 2, arguments) == 0;
}

/* Allows SIGTERM to the workload, so that it can end in order, and SIGKILL. The recorder can end
 * itself with the second signal that asks for it. */
static bool allow_ends(scmp_filter_ctx filter, pid_t workload)
{
	const pid_t own = getpid();

	return allow_signal(filter, SCMP_SYS(tgkill), own, 2, SIGTERM) &&
	       allow_signal(filter, SCMP_SYS(tgkill), own, 2, SIGINT) &&
	       (workload <= 0 || (allow_signal(filter, SCMP_SYS(kill), workload, 1, SIGTERM) &&
				  allow_signal(filter, SCMP_SYS(kill), workload, 1, SIGKILL)));
}

/* Sets the filter in all threads, and frees it. Returns 0 or an errno. */
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
		  (!use->commands || allow_calls(filter, command_calls, COUNT(command_calls))) &&
		  (!use->memory_files ||
		   allow_calls(filter, memory_file_calls, COUNT(memory_file_calls))) &&
		  allow_ends(filter, use->workload);

	return load_filter(filter, ok);
}

static int filter_reading(bool starts_readers)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool ok =
		allow_calls(filter, reading_calls, COUNT(reading_calls)) &&
		allow_limited_calls(filter, reading_limited_calls, COUNT(reading_limited_calls)) &&
		(!starts_readers || allow_calls(filter, starting_calls, COUNT(starting_calls)));

	return load_filter(filter, ok);
}

static int filter_helper_process(const int *calls, size_t count)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	return load_filter(filter, allow_calls(filter, calls, count));
}

/* This takes CAP_SETPCAP; without it, the process cannot gain capabilities from the set either, so
 * failure does not matter. */
static bool empty_bounding_set(void)
{
	capng_clear(CAPNG_SELECT_BOUNDS);
	return capng_apply(CAPNG_SELECT_BOUNDS) == 0;
}

/* By direct system calls: they change this thread only, the C library's functions change all. */
static bool leave_root(void)
{
	if (geteuid() != 0)
		return true;
	return syscall(SYS_setgroups, 0, NULL) == 0 &&
	       syscall(SYS_setresgid, PRIVILEGES_NOBODY, PRIVILEGES_NOBODY, PRIVILEGES_NOBODY) ==
		       0 &&
	       syscall(SYS_setresuid, -1, PRIVILEGES_NOBODY, -1) == 0;
}

/* Keeps those of `permitted` that the thread has, and makes those of `effective` effective. */
static bool keep_capabilities(uint64_t permitted, uint64_t effective)
{
	struct thread_privileges privileges;

	if (!read_own_privileges(&privileges))
		return false;
	capng_clear(CAPNG_SELECT_CAPS);
	for (unsigned int i = 0; i < 64; i++) {
		if (permitted & privileges.permitted & CAPABILITY(i))
			(void)capng_update(CAPNG_ADD, CAPNG_PERMITTED, i);
		if (effective & privileges.permitted & CAPABILITY(i))
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

/* Tries, as a version says little: distributions backport changes. */
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

static bool is_dropped(const struct thread_privileges *privileges, bool filtered)
{
	return privileges->uid != 0 && privileges->inheritable == 0 && privileges->ambient == 0 &&
	       privileges->effective == privileges->permitted &&
	       (privileges->permitted &
		~(STACK_CAPABILITIES | CAPABILITY(CAP_KILL) | CAPABILITY(CAP_BPF))) == 0 &&
	       privileges->no_new_privileges == 1 && (!filtered || privileges->seccomp == 2);
}

/* Checks every thread; one that has just ended does not count. */
static bool all_are_dropped(bool filtered)
{
	DIR *threads = opendir("/proc/self/task");
	const struct dirent *entry;
	bool all = threads != NULL;

	/* cppcheck-suppress readdirCalled ; no other thread reads this directory stream */
	while (all && (entry = readdir(threads)) != NULL) {
		struct thread_privileges privileges;

		if (entry->d_name[0] != '.' && read_privileges(entry->d_name, &privileges))
			all = is_dropped(&privileges, filtered);
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

	if (use->workload > 0)
		capabilities |= CAPABILITY(CAP_KILL);
	if (!drop_thread(capabilities | CAPABILITY(CAP_BPF)) ||
	    !drop_bpf_if_possible(capabilities, use->map_fd))
		return problem_set(
			ret_problem,
			"cannot drop privileges: %s, forbidden from outside diag-record: "
			"nothing was recorded",
			strerror(errno));
	if (!wait_for_threads())
		return problem_set(ret_problem, "cannot drop privileges: a thread kept its own, or "
						"out of memory: nothing was recorded");
	/* Other processes of this user must not read this process, nor its memory in a core. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return problem_set(
			ret_problem,
			"cannot restrict access to diag-record: %s: nothing was recorded",
			strerror(errno));
	error = filter_recording(use);
	if (error)
		return problem_set(ret_problem,
				   "cannot restrict system calls: %s: use a kernel with "
				   "CONFIG_SECCOMP_FILTER",
				   strerror(error));
	return all_are_dropped(true) ||
	       problem_set(ret_problem, "cannot drop privileges: the kernel still shows some, or "
					"out of memory: nothing was recorded");
}

static bool keep_for_helper_process(uint64_t capabilities, const int *calls, size_t count)
{
	empty_bounding_set();
	return keep_capabilities(capabilities, capabilities) &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       filter_helper_process(calls, count) == 0;
}

bool privileges_keep_files(void)
{
	return keep_for_helper_process(CAPABILITY(CAP_DAC_OVERRIDE), file_calls, COUNT(file_calls));
}

bool privileges_keep_events(void)
{
	return keep_for_helper_process(CAPABILITY(CAP_PERFMON) | CAPABILITY(CAP_SYS_ADMIN),
				       event_calls, COUNT(event_calls));
}

bool privileges_keep_readers(void)
{
	return privileges_drop_thread() && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       filter_reading(true) == 0;
}

bool privileges_keep_reading(void)
{
	return filter_reading(false) == 0;
}

bool privileges_keep_writing(void)
{
	return filter_helper_process(writing_calls, COUNT(writing_calls)) == 0;
}

#else

/* The sanitizers open files and start processes at any time. */
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

bool privileges_keep_readers(void)
{
	return true;
}

bool privileges_keep_reading(void)
{
	return true;
}

bool privileges_keep_writing(void)
{
	return true;
}

#endif
