/* tests/live/deaths.c - makes every kind of death and prints what wait4() said of each, as JSON
 *
 * One line for each: what was known before (name, expected cause) and what the parent learnt. What
 * cannot be done here is a line with "skipped".
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "instructions.h"
#include "tests/live/dying.h"

#define NS_PER_S 1000000000ll

/* The largest thing that is waited for is the memory that is used up. */
#define DEADLINE_S 60

/* Ends the process from outside; runs in a separate process. */
typedef void (*killer)(pid_t victim, int signal);

/* Starts the process in a special way; returns its pid. NULL: fork(). */
typedef pid_t (*starter)(void (*die)(void), const char *comm);

struct death {
	const char *name; /* and comm; at most 15 bytes */
	const char *cause;
	void (*die)(void);
	killer kill;
	int signal;
	starter start;
	const char *comm_at_end; /* if it is not the name; several are divided by | */
	int (*is_possible)(const char **ret_why);
};

static void kill_with_kill(pid_t victim, int signal)
{
	(void)kill(victim, signal);
}

static void kill_with_tkill(pid_t victim, int signal)
{
	(void)syscall(SYS_tkill, victim, signal);
}

static void kill_with_tgkill(pid_t victim, int signal)
{
	(void)syscall(SYS_tgkill, victim, victim, signal);
}

static void kill_with_sigqueue(pid_t victim, int signal)
{
	(void)sigqueue(victim, signal, (union sigval){.sival_int = 4711});
}

static void kill_with_pidfd(pid_t victim, int signal)
{
	int fd = (int)syscall(SYS_pidfd_open, victim, 0);

	(void)syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0);
}

static void kill_group(pid_t victim, int signal)
{
	(void)kill(-victim, signal);
}

/* A pipe: the child closes its end when it is prepared for the signal. */
static int prepared[2];

static void in_child(void (*die)(void), const char *comm)
{
	const struct rlimit no_core = {0, RLIM_INFINITY};

	(void)prctl(PR_SET_NAME, comm);
	(void)setpgid(0, 0);
	(void)setrlimit(RLIMIT_CORE, &no_core);
	if (prepared[1])
		(void)close(prepared[1]);
	die();
	_exit(97);
}

static void await_prepared(void)
{
	char byte;

	(void)close(prepared[1]);
	(void)!read(prepared[0], &byte, 1);
	(void)close(prepared[0]);
	prepared[1] = 0;
}

static pid_t start_by_fork(void (*die)(void), const char *comm)
{
	pid_t pid;

	if (pipe2(prepared, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		in_child(die, comm);
	await_prepared();
	return pid;
}

/* The orphan closes its end when its parent can end. */
static int has_parent[2];

/* A child of a child that ends first; we are their reaper. */
static pid_t start_orphan(void (*die)(void), const char *comm)
{
	int pipe_ends[2];
	pid_t orphan = -1, parent;

	if (pipe(pipe_ends) != 0)
		return -1;
	parent = fork();
	if (parent == 0) {
		char byte;

		(void)prctl(PR_SET_NAME, "parent");
		if (pipe(has_parent) != 0)
			_exit(1);
		orphan = fork();
		if (orphan == 0)
			in_child(die, comm);
		(void)!write(pipe_ends[1], &orphan, sizeof(orphan));
		(void)close(has_parent[1]);
		(void)!read(has_parent[0], &byte, 1);
		_exit(0);
	}
	(void)!read(pipe_ends[0], &orphan, sizeof(orphan));
	(void)close(pipe_ends[0]);
	(void)close(pipe_ends[1]);
	(void)waitpid(parent, NULL, 0);
	return orphan;
}

static void die_of_parent(void)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGUSR2);
	(void)close(has_parent[1]);
	die_waiting();
}

static void die_as_orphan(void)
{
	const pid_t parent = getppid();

	(void)close(has_parent[1]);
	while (getppid() == parent)
		(void)usleep(1000);
	exit(7);
}

static pid_t start_in_pid_namespace(void (*die)(void), const char *comm)
{
	/* A stack of zero makes clone() behave as fork(). */
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, NULL, NULL, 0);

	if (pid == 0)
		in_child(die, comm);
	return pid;
}

static pid_t start_by_vfork(void (*die)(void), const char *comm)
{
	/* NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork): is what is tested */
	pid_t pid = vfork();

	(void)die;
	if (pid == 0) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Vfork): Linux allows it */
		(void)prctl(PR_SET_NAME, comm);
		_exit(25);
	}
	return pid;
}

static pid_t start_on_terminal(void (*die)(void), const char *comm, const char *keys)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	char name[64];
	pid_t pid;

	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 ||
	    ptsname_r(master, name, sizeof(name)) != 0 || pipe2(prepared, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_NAME, comm);
		(void)close(master);
		(void)setsid();
		(void)ioctl(open(name, O_RDWR), TIOCSCTTY, 0);
		(void)close(prepared[1]);
		die();
		_exit(97);
	}
	await_prepared();
	if (*keys) {
		siginfo_t info;

		(void)!write(master, keys, strlen(keys));
		(void)waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	}
	(void)close(master);
	return pid;
}

static pid_t start_for_hang_up(void (*die)(void), const char *comm)
{
	return start_on_terminal(die, comm, "");
}

static pid_t start_for_interrupt(void (*die)(void), const char *comm)
{
	return start_on_terminal(die, comm, "\x03");
}

static pid_t start_blocked(void (*die)(void), const char *comm)
{
	sigset_t term;
	pid_t pid;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &term, NULL);
	pid = start_by_fork(die, comm);
	(void)sigprocmask(SIG_UNBLOCK, &term, NULL);
	return pid;
}

static const struct death deaths[] = {
	{.name = "exit-0", .cause = "exit", .die = die_exit_0},
	{.name = "exit-1", .cause = "exit_code", .die = die_exit_1},
	{.name = "exit-42", .cause = "exit_code", .die = die_exit_42},
	{.name = "exit-255", .cause = "exit_code", .die = die_exit_255},
	{.name = "exit-511", .cause = "exit_code", .die = die_exit_511},
	{.name = "abort", .cause = "abort", .die = die_abort},
	{.name = "assert", .cause = "abort", .die = die_assert},
	{.name = "segfault", .cause = "fault", .die = die_segfault},
	{.name = "bus", .cause = "fault", .die = die_bus},
#if MACHINE_DIVIDE_FAULTS
	{.name = "divide", .cause = "fault", .die = die_divide},
#endif
	{.name = "illegal", .cause = "fault", .die = die_illegal},
	{.name = "trap", .cause = "fault", .die = die_trap},
	{.name = "stack-overflow", .cause = "fault", .die = die_stack_overflow},
	{.name = "core-dump", .cause = "abort", .die = die_core_dump},
	{.name = "raise", .cause = "raised", .die = die_raise},
	{"kill-KILL", "signal", die_waiting, kill_with_kill, SIGKILL, NULL, NULL, NULL},
	{"kill-TERM", "signal", die_waiting, kill_with_kill, SIGTERM, NULL, NULL, NULL},
	{"kill-USR1", "signal", die_waiting, kill_with_kill, SIGUSR1, NULL, NULL, NULL},
	{"kill-RTMIN+3", "signal", die_waiting, kill_with_kill, 37, NULL, NULL, NULL},
	{"kill-SEGV", "signal", die_waiting, kill_with_kill, SIGSEGV, NULL, NULL, NULL},
	{"tkill-USR1", "signal", die_waiting, kill_with_tkill, SIGUSR1, NULL, NULL, NULL},
	{"tkill-KILL", "signal", die_waiting, kill_with_tkill, SIGKILL, NULL, NULL, NULL},
	{"tgkill-TERM", "signal", die_waiting, kill_with_tgkill, SIGTERM, NULL, NULL, NULL},
	{"tgkill-RTMIN+3", "signal", die_waiting, kill_with_tgkill, 37, NULL, NULL, NULL},
	{"sigqueue-USR1", "signal", die_waiting, kill_with_sigqueue, SIGUSR1, NULL, NULL, NULL},
	{"sigqueue-KILL", "signal", die_waiting, kill_with_sigqueue, SIGKILL, NULL, NULL, NULL},
	{"pidfd-TERM", "signal", die_waiting, kill_with_pidfd, SIGTERM, NULL, NULL, NULL},
	{"pidfd-KILL", "signal", die_waiting, kill_with_pidfd, SIGKILL, NULL, NULL, NULL},
	{"group-TERM", "signal", die_waiting, kill_group, SIGTERM, NULL, NULL, NULL},
	{"group-KILL", "signal", die_waiting, kill_group, SIGKILL, NULL, NULL, NULL},
	{"pending-TERM", "signal", die_waiting_blocked, kill_with_kill, SIGTERM, start_blocked,
	 NULL, NULL},
	{.name = "alarm", .cause = "timer", .die = die_alarm},
	{.name = "posix-timer", .cause = "timer", .die = die_posix_timer},
	{.name = "pipe", .cause = "pipe", .die = die_pipe},
	{.name = "file-size", .cause = "resource_limit", .die = die_file_size},
	{.name = "io", .cause = "io", .die = die_io},
	{.name = "seccomp", .cause = "seccomp", .die = die_seccomp},
	{.name = "parent-death",
	 .cause = "parent_death",
	 .die = die_of_parent,
	 .start = start_orphan},
	{.name = "orphan", .cause = "exit_code", .die = die_as_orphan, .start = start_orphan},
	{.name = "hang-up", .cause = "terminal", .die = die_waiting, .start = start_for_hang_up},
	{.name = "interrupt",
	 .cause = "terminal",
	 .die = die_waiting,
	 .start = start_for_interrupt},
	{.name = "leader-first",
	 .cause = "exit_code",
	 .die = die_leader_first,
	 .comm_at_end = "worker"},
	/* Which thread is the last one is up to the scheduler. */
	{.name = "worker-exit",
	 .cause = "exit_code",
	 .die = die_worker_exit,
	 .comm_at_end = "worker-exit|worker"},
	{.name = "worker-_exit",
	 .cause = "exit_code",
	 .die = die_worker_raw_exit,
	 .comm_at_end = "worker-_exit|worker"},
	{.name = "worker-exec", .cause = "exit_code", .die = die_worker_exec, .comm_at_end = "sh"},
	{.name = "vfork", .cause = "exit_code", .die = die_exit_0, .start = start_by_vfork},
	{.name = "pid-namespace",
	 .cause = "exit_code",
	 .die = die_exit_42,
	 .start = start_in_pid_namespace},
	{.name = "out-of-memory",
	 .cause = "oom",
	 .die = die_out_of_memory,
	 .is_possible = dying_has_memory_limit},
	{.name = "cgroup-kill",
	 .cause = "cgroup_kill",
	 .die = die_cgroup_kill,
	 .is_possible = dying_has_cgroup_kill},
};

static long long now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static pid_t start_killer(const struct death *death, pid_t victim)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_NAME, "killer");
	(void)usleep(20000);
	death->kill(victim, death->signal);
	_exit(0);
}

static void make_death(const struct death *death)
{
	const char *why;
	const char *comm = death->comm_at_end ? death->comm_at_end : death->name;
	long long start_ns = now_ns(), lifetime_ns;
	pid_t victim, killer_pid = 0;
	int status = 0;

	if (death->is_possible && !death->is_possible(&why)) {
		printf("{\"name\":\"%s\",\"skipped\":\"%s\"}\n", death->name, why);
		return;
	}
	victim = (death->start ? death->start : start_by_fork)(death->die, death->name);
	if (death->kill)
		killer_pid = start_killer(death, victim);
	if (wait4(victim, &status, 0, NULL) != victim) {
		fprintf(stderr, "deaths: %s: wait4: %s\n", death->name, strerror(errno));
		exit(EXIT_FAILURE);
	}
	lifetime_ns = now_ns() - start_ns;
	if (killer_pid)
		(void)waitpid(killer_pid, NULL, 0);
	printf("{\"name\":\"%s\",\"pid\":%d,\"ppid\":%d,\"comm\":\"%s\",\"exit_code\":%d,"
	       "\"signal\":%d,\"core_dumped\":%s,\"lifetime_ns\":%lld,\"cause\":\"%s\","
	       "\"killer\":%d}\n",
	       death->name, victim, getpid(), comm, WIFEXITED(status) ? WEXITSTATUS(status) : 0,
	       WIFSIGNALED(status) ? WTERMSIG(status) : 0,
	       WIFSIGNALED(status) && WCOREDUMP(status) ? "true" : "false", lifetime_ns,
	       death->cause, killer_pid);
	fflush(stdout);
}

/* So that what is measured here is how long they live and not how long we wait for a CPU. */
static void be_prompt(void)
{
	const struct sched_param first = {.sched_priority = 1};

	(void)sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first);
}

int main(void)
{
	be_prompt();
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)alarm(DEADLINE_S);
	for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++)
		make_death(&deaths[i]);
	return EXIT_SUCCESS;
}
