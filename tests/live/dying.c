/* tests/live/dying.c - functions that end the calling process, each in a known way */
#include "tests/live/dying.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "instructions.h"

#define WAIT_AT_MOST_S 20
#define LIMIT_BYTES    (16u << 20)

void die_exit_0(void)
{
	exit(0);
}

void die_exit_1(void)
{
	exit(1);
}

void die_exit_42(void)
{
	exit(42);
}

void die_exit_255(void)
{
	exit(255);
}

void die_exit_511(void)
{
	exit(511);
}

void die_abort(void)
{
	abort();
}

void die_assert(void)
{
	/* The message is of no interest. */
	(void)close(STDERR_FILENO);
	assert(getpid() == 0);
}

/* What a compiler must not see through, and what would be found fault with, is in assembly. */
void die_segfault(void)
{
	__asm__ volatile(INSTRUCTION_STORE_16 ::: INSTRUCTION_REGISTERS, "memory");
}

/* Memory mapped behind the end of a file cannot be had. */
void die_bus(void)
{
	int fd = memfd_create("empty", MFD_CLOEXEC);
	volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	(void)*page;
}

void die_divide(void)
{
	__asm__ volatile(INSTRUCTION_DIVIDE : : : INSTRUCTION_REGISTERS);
}

void die_illegal(void)
{
	__asm__ volatile(INSTRUCTION_INVALID);
}

void die_trap(void)
{
	__asm__ volatile(INSTRUCTION_TRAP);
}

static int overflow(volatile int depth)
{
	volatile char space[4096];

	space[0] = (char)depth;
	if (depth == INT_MAX)
		return 0;
	return overflow(depth + 1) + space[0];
}

void die_stack_overflow(void)
{
	_exit(overflow(0));
}

void die_core_dump(void)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	(void)setrlimit(RLIMIT_CORE, &unlimited);
	abort();
}

void die_raise(void)
{
	(void)raise(SIGTERM);
}

void die_waiting(void)
{
	sleep(WAIT_AT_MOST_S);
}

/* Takes its signal a fifth of a second after it has come. */
void die_waiting_blocked(void)
{
	const struct timespec delay = {.tv_nsec = 200000000};
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	for (int i = 0; i < WAIT_AT_MOST_S * 1000; i++) {
		sigset_t pending;

		(void)usleep(1000);
		if (sigpending(&pending) == 0 && sigismember(&pending, SIGTERM))
			break;
	}
	(void)nanosleep(&delay, NULL);
	(void)sigprocmask(SIG_UNBLOCK, &term, NULL);
}

/* A timer interrupts the task that is running. This is that task, as there are kernels that run no
 * BPF program in some others. */
static void spin_at_most(int seconds)
{
	const time_t end = time(NULL) + seconds;

	while (time(NULL) <= end)
		;
}

/* The timer fires on the CPU on which it was set. */
static void keep_this_cpu(void)
{
	const struct sched_param first = {.sched_priority = 1};
	const int cpu = sched_getcpu();
	cpu_set_t here;

	CPU_ZERO(&here);
	if (cpu >= 0)
		CPU_SET((size_t)cpu, &here);
	(void)sched_setaffinity(0, sizeof(here), &here);
	(void)sched_setscheduler(0, SCHED_FIFO, &first);
}

void die_alarm(void)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 5000}};

	keep_this_cpu();
	(void)setitimer(ITIMER_REAL, &soon, NULL);
	spin_at_most(WAIT_AT_MOST_S);
}

void die_posix_timer(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1};
	const struct itimerspec soon = {.it_value = {.tv_nsec = 5000000}};
	timer_t timer;

	keep_this_cpu();
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
		(void)timer_settime(timer, 0, &soon, NULL);
	spin_at_most(WAIT_AT_MOST_S);
}

void die_pipe(void)
{
	int ends[2];

	if (pipe(ends) == 0) {
		(void)close(ends[0]);
		(void)!write(ends[1], "x", 1);
	}
}

void die_file_size(void)
{
	const struct rlimit nothing = {0, 0};
	int fd = open("limited", O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)setrlimit(RLIMIT_FSIZE, &nothing);
	(void)!write(fd, "x", 1);
	(void)close(fd);
}

/* A socket that says when something comes, to a process that is not prepared for it. */
void die_io(void)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0) {
		(void)fcntl(ends[0], F_SETOWN, getpid());
		(void)fcntl(ends[0], F_SETFL, O_ASYNC);
		(void)!write(ends[1], "x", 1);
	}
	die_waiting();
}

void die_seccomp(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]),
					   .filter = filter};

	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	(void)getppid();
}

/* What a worker thread does, and after how long. */
struct work {
	int delay_us;
	void (*finish)(void);
};

static void *worker(void *argument)
{
	const struct work *work = argument;

	(void)prctl(PR_SET_NAME, "worker");
	(void)usleep((useconds_t)work->delay_us);
	work->finish();
	return NULL;
}

static void start_worker(struct work *work)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, worker, work) != 0)
		exit(99);
}

static pthread_t leader;

/* Whether the first thread has taken its last steps in the kernel, some of which follow its join.
 */
static int leader_has_ended(void)
{
	char path[64], text[256] = "";
	const char *state;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	(void)!read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	state = strrchr(text, ')');
	return state && strncmp(state, ") Z", 3) == 0;
}

static void exit_21(void)
{
	(void)pthread_join(leader, NULL);
	for (int i = 0; i < WAIT_AT_MOST_S * 1000 && !leader_has_ended(); i++)
		(void)usleep(1000);
	exit(21);
}

static void exit_22(void)
{
	exit(22);
}

static void raw_exit_23(void)
{
	_exit(23);
}

static void exec_24(void)
{
	(void)execl("/bin/sh", "sh", "-c", "exit 24", (char *)NULL);
}

void die_leader_first(void)
{
	static struct work work = {0, exit_21};

	leader = pthread_self();
	start_worker(&work);
	pthread_exit(NULL);
}

void die_worker_exit(void)
{
	static struct work work = {2000, exit_22};

	start_worker(&work);
	die_waiting();
}

void die_worker_raw_exit(void)
{
	static struct work work = {2000, raw_exit_23};

	start_worker(&work);
	die_waiting();
}

void die_worker_exec(void)
{
	static struct work work = {2000, exec_24};

	start_worker(&work);
	die_waiting();
}

/* Where control groups with a limit of memory can be made, by version. */
static const struct memory_tree {
	const char *root;
	const char *limit;
} memory_trees[] = {
	{"/sys/fs/cgroup/memory", "memory.limit_in_bytes"},
	{"/sys/fs/cgroup", "memory.max"},
};

static const char *const kill_trees[] = {"/sys/fs/cgroup/unified", "/sys/fs/cgroup"};

static int write_file(const char *directory, const char *name, const char *text)
{
	char path[256];
	int fd;
	ssize_t size;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	size = write(fd, text, strlen(text));
	(void)close(fd);
	return size == (ssize_t)strlen(text);
}

/* Makes a group below `root` in which the file `needed` is, and removes it again. */
static int can_make_group(const char *root, const char *needed)
{
	char group[200], path[256];
	int can;

	(void)snprintf(group, sizeof(group), "%s/diag-test-%d", root, (int)getpid());
	if (mkdir(group, 0700) != 0)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/%s", group, needed);
	can = access(path, W_OK) == 0;
	(void)rmdir(group);
	return can;
}

int dying_has_memory_limit(const char **ret_why)
{
	*ret_why = "no control group with a limit of memory can be made here";
	return can_make_group(memory_trees[0].root, memory_trees[0].limit) ||
	       can_make_group(memory_trees[1].root, memory_trees[1].limit);
}

int dying_has_cgroup_kill(const char **ret_why)
{
	*ret_why = "no control group with cgroup.kill can be made here";
	return can_make_group(kill_trees[0], "cgroup.kill") ||
	       can_make_group(kill_trees[1], "cgroup.kill");
}

/* The group cannot be removed by those who die in it, so a child does it, once the
 * descriptor that is returned has been closed. */
static int remove_group_later(const char *group)
{
	int ends[2];
	char byte;

	if (pipe(ends) != 0)
		exit(98);
	if (fork() != 0) {
		(void)close(ends[0]);
		return ends[1];
	}
	(void)prctl(PR_SET_NAME, "remover");
	(void)close(ends[1]);
	(void)!read(ends[0], &byte, 1);
	for (int i = 0; i < WAIT_AT_MOST_S * 10 && rmdir(group) != 0; i++)
		(void)usleep(100000);
	_exit(0);
}

void die_out_of_memory(void)
{
	const struct memory_tree *tree =
		&memory_trees[can_make_group(memory_trees[0].root, memory_trees[0].limit) ? 0 : 1];
	char group[200], text[32];
	int joined;

	(void)snprintf(group, sizeof(group), "%s/diag-oom-%d", tree->root, (int)getpid());
	(void)mkdir(group, 0700);
	(void)snprintf(text, sizeof(text), "%u", LIMIT_BYTES);
	joined = remove_group_later(group);
	if (!write_file(group, tree->limit, text) || !write_file(group, "cgroup.procs", "0"))
		exit(98);
	(void)close(joined);
	for (;;) {
		char *memory = malloc(1u << 20);

		if (memory)
			memset(memory, 1, 1u << 20);
	}
}

void die_cgroup_kill(void)
{
	const char *root = kill_trees[can_make_group(kill_trees[0], "cgroup.kill") ? 0 : 1];
	char group[200];
	int joined;

	(void)snprintf(group, sizeof(group), "%s/diag-kill-%d", root, (int)getpid());
	(void)mkdir(group, 0700);
	joined = remove_group_later(group);
	if (!write_file(group, "cgroup.procs", "0"))
		exit(98);
	(void)close(joined);
	if (fork() == 0) {
		(void)prctl(PR_SET_NAME, "group-killer");
		(void)write_file(root, "cgroup.procs", "0");
		(void)write_file(group, "cgroup.kill", "1");
		_exit(0);
	}
	die_waiting();
}
