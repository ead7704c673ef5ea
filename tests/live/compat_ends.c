/* tests/live/compat_ends.c - ends of a 32-bit process: compat_ends WAY [PID] */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOINLINE __attribute__((noipa))

static volatile int sink;
static volatile int *volatile null;
static pid_t other;

NOINLINE static void crash(void)
{
	*null = 1;
}

/* umask() has the number of the 64-bit exit(). */
NOINLINE static void crash_after_umask(void)
{
	umask(0);
	crash();
}

NOINLINE static void give_up(void)
{
	abort();
}

NOINLINE static void leave(void)
{
	exit(4);
}

NOINLINE static void send_term(void)
{
	kill(other, SIGTERM);
}

NOINLINE static void forbid_and_call(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {4, filter};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	sink = getppid();
}

static void on_fault(int number)
{
	(void)number;
	abort();
}

static void on_fault_with_info(int number, siginfo_t *info, void *context)
{
	(void)info;
	(void)context;
	on_fault(number);
}

NOINLINE static void crash_with_handler(void)
{
	signal(SIGSEGV, on_fault);
	crash();
}

NOINLINE static void crash_with_info_handler(void)
{
	const struct sigaction action = {.sa_sigaction = on_fault_with_info,
					 .sa_flags = SA_SIGINFO};

	sigaction(SIGSEGV, &action, NULL);
	crash();
}

static void use_alternate_stack(struct sigaction action)
{
	const stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};

	action.sa_flags |= SA_ONSTACK;
	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

NOINLINE static void crash_with_alternate_stack(void)
{
	use_alternate_stack((struct sigaction){.sa_handler = on_fault});
	crash();
}

NOINLINE static void crash_with_info_on_alternate_stack(void)
{
	use_alternate_stack(
		(struct sigaction){.sa_sigaction = on_fault_with_info, .sa_flags = SA_SIGINFO});
	crash();
}

/* The stub of getppid() cannot read its slot. */
extern char table[] __asm__("_GLOBAL_OFFSET_TABLE_") __attribute__((visibility("hidden")));

NOINLINE static void crash_in_stub(void)
{
	mprotect(table - (unsigned long)table % 4096, 4096, PROT_NONE);
	sink = getppid();
}

NOINLINE static int deep(int depth)
{
	volatile char bytes[400];

	bytes[0] = (char)depth;
	if (depth == 0)
		crash();
	return deep(depth - 1) + bytes[0];
}

NOINLINE static void crash_deep(void)
{
	sink = deep(400);
}

NOINLINE static int endless(int depth)
{
	volatile char bytes[400];

	bytes[0] = (char)depth;
	return endless(depth + 1) + bytes[0];
}

NOINLINE static void overflow(void)
{
	sink = endless(0);
}

NOINLINE static void large_frame(void)
{
	volatile unsigned char bytes[20000];

	memset((unsigned char *)bytes, 1, sizeof(bytes));
	crash();
	sink = bytes[1];
}

/* gcc realigns the stack here: an expression leads to the caller. */
NOINLINE static void aligned_frame(void)
{
	volatile unsigned char bytes[64] __attribute__((aligned(64)));

	bytes[0] = 1;
	crash();
	sink = bytes[0];
}

static void *run_in_thread(void *way)
{
	((void (*)(void))way)();
	return NULL;
}

static void start_thread_for(void (*way)(void))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run_in_thread, (void *)way) != 0)
		abort();
	pthread_join(thread, NULL);
}

NOINLINE static void crash_in_thread(void)
{
	start_thread_for(crash);
}

NOINLINE static void overflow_in_thread(void)
{
	start_thread_for(overflow);
}

NOINLINE static void crash_deep_in_thread(void)
{
	start_thread_for(crash_deep);
}

NOINLINE static void leave_in_thread(void)
{
	start_thread_for(leave);
}

/* Marked by the system calls of diagnose-tools, and by paths. */
NOINLINE static void go_through_sections(void)
{
	(void)syscall(761203101, 1);
	usleep(20000);
	sink = getppid();
	(void)syscall(761203102);
	(void)access("/diag/section/start/1/paths", F_OK);
	usleep(20000);
	(void)access("/diag/section/stop", F_OK);
}

static const struct {
	const char *name;
	void (*end)(void);
} ways[] = {
	{"sections", go_through_sections},
	{"crash", crash},
	{"umask", crash_after_umask},
	{"abort", give_up},
	{"exit", leave},
	{"kill", send_term},
	{"seccomp", forbid_and_call},
	{"handler", crash_with_handler},
	{"info-handler", crash_with_info_handler},
	{"alternate", crash_with_alternate_stack},
	{"info-alternate", crash_with_info_on_alternate_stack},
	{"stub", crash_in_stub},
	{"overflow", overflow},
	{"large-frame", large_frame},
	{"aligned-frame", aligned_frame},
	{"thread-crash", crash_in_thread},
	{"thread-overflow", overflow_in_thread},
	{"thread-deep", crash_deep_in_thread},
	{"thread-exit", leave_in_thread},
};

NOINLINE static void run(const char *name)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, name) == 0)
			ways[i].end();
}

int main(int argc, char **argv)
{
	if (argc > 2)
		other = (pid_t)strtol(argv[2], NULL, 10);
	if (argc > 1)
		run(argv[1]);
	return 0;
}
