/* analyze/program/sandbox.c - sandbox for a process that reads untrusted input */
#define _GNU_SOURCE
#include "analyze/program/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef DIAG_SANITIZED

/* The user and group that own nothing. */
#define NOBODY 65534

/* struct landlock_ruleset_attr of version 6. Older headers have fewer fields. Older kernels accept
 * unknown fields if they are 0. */
struct landlock_access {
	uint64_t files;
	uint64_t network;
	uint64_t scopes;
};

#define LANDLOCK_VERSION_FLAG 1u

/* Access types that each version of Landlock added. All are handled, and none is allowed. */
static const struct landlock_access landlock_versions[] = {
	{.files = 0x1fff}, /* 1: open, execute, make and remove */
	{.files = 0x2000}, /* 2: link and rename across directories */
	{.files = 0x4000}, /* 3: truncate */
	{.network = 0x3},  /* 4: bind and connect by TCP */
	{.files = 0x8000}, /* 5: control devices */
	{.scopes = 0x3},   /* 6: abstract sockets, signals */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* System calls that are allowed with any arguments. */
static const int allowed_calls[] = {
	SCMP_SYS(read),
	SCMP_SYS(pread64),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(recvmsg), /* descriptors of files that the command line names */
	SCMP_SYS(pwrite64),
	SCMP_SYS(lseek),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getrandom),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* The forms of 32-bit machines; libseccomp ignores calls that the machine does not have. */
	SCMP_SYS(_llseek),
	SCMP_SYS(fstat64),
	SCMP_SYS(futex_time64),
	SCMP_SYS(clock_gettime64),
};

/* Those of a process that waits for more to read. */
static const int waiting_calls[] = {
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(nanosleep),
	SCMP_SYS(recvmsg),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64),
};

/* System calls that are allowed if one argument, masked, has this value. */
static const struct {
	int call;
	unsigned int argument;
	uint64_t mask;
	uint64_t value;
} limited_calls[] = {
	{SCMP_SYS(mmap), 2, PROT_EXEC, 0},
	{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, TCGETS}, /* isatty() */
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFL},
	{SCMP_SYS(newfstatat), 3, AT_EMPTY_PATH, AT_EMPTY_PATH}, /* fstat() */
	/* The forms of 32-bit machines. */
	{SCMP_SYS(mmap2), 2, PROT_EXEC, 0},
	{SCMP_SYS(fcntl64), 1, UINT32_MAX, F_GETFL},
	{SCMP_SYS(fstatat64), 3, AT_EMPTY_PATH, AT_EMPTY_PATH},
	{SCMP_SYS(statx), 2, AT_EMPTY_PATH, AT_EMPTY_PATH},
};

static bool enter_seccomp(bool following)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	bool ok = filter != NULL;

	for (size_t i = 0; ok && i < COUNT(allowed_calls); i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_calls[i], 0) == 0;
	for (size_t i = 0; ok && following && i < COUNT(waiting_calls); i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_ALLOW, waiting_calls[i], 0) == 0;
	for (size_t i = 0; ok && i < COUNT(limited_calls); i++) {
		const struct scmp_arg_cmp argument =
			SCMP_CMP64(limited_calls[i].argument, SCMP_CMP_MASKED_EQ,
				   limited_calls[i].mask, limited_calls[i].value);

		ok = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, limited_calls[i].call, 1,
					    &argument) == 0;
	}
	ok = ok && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}

/* As in linux/landlock.h, which older headers lack. */
struct landlock_below {
	uint64_t files;
	int32_t directory_fd;
} __attribute__((packed));

#define LANDLOCK_RULE_BELOW 1
#define LANDLOCK_READ_FILE  UINT64_C(0x4)
#define LANDLOCK_READ_DIR   UINT64_C(0x8)

/* Returns the version in force, 0 for none. Files below the directories can still be read. */
static int enter_landlock(const int *directory_fds, size_t count)
{
	struct landlock_access handled = {0};
	int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_FLAG);
	int ruleset;
	bool ok;

	if (version <= 0)
		return 0;
	for (int i = 0; i < version && i < (int)COUNT(landlock_versions); i++) {
		handled.files |= landlock_versions[i].files;
		handled.network |= landlock_versions[i].network;
		handled.scopes |= landlock_versions[i].scopes;
	}
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	if (ruleset < 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		const struct landlock_below below = {LANDLOCK_READ_FILE | LANDLOCK_READ_DIR,
						     directory_fds[i]};

		syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_BELOW, &below, 0);
	}
	ok = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	close(ruleset);
	return ok ? version : 0;
}

/* Even without capabilities, root can open the files that it owns. */
static bool leave_root(void)
{
	if (geteuid() != 0)
		return true;
	return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
	       setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

/* Only root can change the bounding set. For other users it has no effect, so failure is none. */
static bool empty_bounding_set(void)
{
	capng_clear(CAPNG_SELECT_BOUNDS);
	return capng_apply(CAPNG_SELECT_BOUNDS) == 0;
}

static bool drop_capabilities(void)
{
	capng_clear(CAPNG_SELECT_CAPS);
	return capng_apply(CAPNG_SELECT_CAPS) == 0 &&
	       capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE;
}

/* Restricts this thread, after the process has left root. */
static struct sandbox restrict_thread(bool following)
{
	struct sandbox sandbox = {.not_root = geteuid() != 0};

	sandbox.no_capabilities = drop_capabilities();
	sandbox.no_new_privileges = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
	sandbox.landlock = enter_landlock(NULL, 0);
	sandbox.system_calls = enter_seccomp(following);
	return sandbox;
}

static struct sandbox enter(bool following)
{
	empty_bounding_set();
	(void)leave_root(); /* restrict_thread() says whether it has */
	return restrict_thread(following);
}

struct sandbox sandbox_enter(void)
{
	return enter(false);
}

struct sandbox sandbox_enter_following(void)
{
	return enter(true);
}

struct sandbox sandbox_enter_thread(void)
{
	empty_bounding_set();
	return restrict_thread(false);
}

void sandbox_enter_online(void)
{
	empty_bounding_set();
	drop_capabilities();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void sandbox_enter_below(const int *directory_fds, size_t count)
{
	sandbox_enter_online();
	enter_landlock(directory_fds, count);
}

#else

void sandbox_enter_online(void)
{
}

void sandbox_enter_below(const int *directory_fds, size_t count)
{
	(void)directory_fds;
	(void)count;
}

/* The sanitizers open files and start processes at any time. */
struct sandbox sandbox_enter(void)
{
	return (struct sandbox){.landlock = 0};
}

struct sandbox sandbox_enter_following(void)
{
	return (struct sandbox){.landlock = 0};
}

struct sandbox sandbox_enter_thread(void)
{
	return (struct sandbox){.landlock = 0};
}

#endif

void sandbox_describe(const struct sandbox *sandbox, FILE *out)
{
	fprintf(out, "sandbox: seccomp %s, ", sandbox->system_calls ? "on" : "off");
	if (sandbox->landlock > 0)
		fprintf(out, "Landlock version %d, ", sandbox->landlock);
	else
		fputs("Landlock off, ", out);
	fprintf(out, "no new privileges %s, capabilities %s, %s\n",
		sandbox->no_new_privileges ? "on" : "off",
		sandbox->no_capabilities ? "none" : "kept",
		sandbox->not_root ? "not root" : "root");
}
