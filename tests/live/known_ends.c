/* tests/live/known_ends.c - a program that ends in a chosen way: known_ends WAY */
#include <elf.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "instructions.h"

#define NOINLINE __attribute__((noinline, noclone))

static volatile int sink;
static int *volatile nowhere;

NOINLINE static void crash(void)
{
	*nowhere = 1;
	sink++;
}

NOINLINE static int walk(int n)
{
	volatile char frame[400];

	frame[0] = (char)n;
	return n < 0 ? 0 : walk(n + 1) + frame[0];
}

static void raise_again(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

static void kill_again(int number)
{
	signal(number, SIG_DFL);
	kill(getpid(), number);
}

/* The instruction that had the fault runs again. */
static void forget_handler(int number)
{
	signal(number, SIG_DFL);
}

static void give_up(int number)
{
	(void)number;
	abort();
}

static void leave(int number)
{
	_exit(128 + number);
}

static void handle_on_own_stack(void (*handler)(int number))
{
	static char memory[65536];
	const stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)};
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

static void reraise(void)
{
	signal(SIGSEGV, raise_again);
	crash();
}

static void reraise_elsewhere(void)
{
	handle_on_own_stack(raise_again);
	crash();
}

static void reraise_with_kill(void)
{
	signal(SIGSEGV, kill_again);
	crash();
}

static void return_from_handler(void)
{
	signal(SIGSEGV, forget_handler);
	crash();
}

static void abort_in_handler(void)
{
	signal(SIGSEGV, give_up);
	crash();
}

static void exit_in_handler(void)
{
	handle_on_own_stack(leave);
	crash();
}

static void overflow(void)
{
	signal(SIGSEGV, give_up);
	sink = walk(0);
}

static void *wait_forever(void *nothing)
{
	while (nothing == NULL)
		pause();
	return NULL;
}

static void *crash_later(void *nothing)
{
	pthread_setname_np(pthread_self(), "rocksdb:low0");
	crash();
	return nothing;
}

static void *exit_later(void *nothing)
{
	pthread_setname_np(pthread_self(), "quitter");
	exit(6);
	return nothing;
}

static void start(void *(*run)(void *nothing))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, NULL) != 0)
		abort();
}

NOINLINE static void finish(int code)
{
	exit(code);
}

static void exit_in_main(void)
{
	for (int i = 0; i < 4; i++)
		start(wait_forever);
	usleep(50000);
	finish(5);
}

static void exit_in_thread(void)
{
	start(exit_later);
	wait_forever(NULL);
}

static void crash_in_thread(void)
{
	start(wait_forever);
	start(crash_later);
	wait_forever(NULL);
}

static void strict(void)
{
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	(void)getppid();
}

static void spin(void)
{
	const struct rlimit limit = {1, 1};

	setrlimit(RLIMIT_CPU, &limit);
	for (;;)
		sink++;
}

/* Its segment cannot be mapped, which the kernel finds out too late to return an error. */
static void execute_unloadable(void)
{
	static char name[] = "unloadable";
	char *arguments[] = {name, NULL};
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segment;
	} file = {
		.header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				       EV_CURRENT},
			   .e_type = ET_EXEC,
			   .e_machine = MACHINE_OF_ELF,
			   .e_version = EV_CURRENT,
			   .e_entry = MACHINE_LAST_PAGE + sizeof(file),
			   .e_phoff = sizeof(Elf64_Ehdr),
			   .e_ehsize = sizeof(Elf64_Ehdr),
			   .e_phentsize = sizeof(Elf64_Phdr),
			   .e_phnum = 1},
		.segment = {.p_type = PT_LOAD,
			    .p_flags = PF_R | PF_W | PF_X,
			    .p_vaddr = MACHINE_LAST_PAGE,
			    .p_paddr = MACHINE_LAST_PAGE,
			    .p_filesz = sizeof(file),
			    .p_memsz = 0x100000,
			    .p_align = 4096},
	};
	int fd = open("unloadable", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (fd < 0 || write(fd, &file, sizeof(file)) != sizeof(file) || close(fd) != 0)
		abort();
	execv("./unloadable", arguments);
}

static void wait_for(pid_t child)
{
	int status;

	waitpid(child, &status, 0);
}

/* The child of posix_spawn() ends with 127. */
static void spawn_nothing(void)
{
	static char name[] = "nothing";
	char *arguments[] = {name, NULL};
	pid_t child;

	if (posix_spawn(&child, "/nonexistent/nothing", NULL, NULL, arguments, NULL) == 0)
		wait_for(child);
}

static void execute_nothing(void)
{
	pid_t child = fork();

	if (child == 0) {
		execl("/nonexistent/nothing", "nothing", NULL);
		_exit(127);
	}
	wait_for(child);
}

/* The handler of SIGSEGV has a fault, too. */
static void crash_again(int number)
{
	(void)number;
	signal(SIGSEGV, SIG_DFL);
	sink = nowhere[2];
}

static void crash_in_handler(void)
{
	struct sigaction action = {.sa_handler = crash_again, .sa_flags = SA_NODEFER};

	sigaction(SIGSEGV, &action, NULL);
	crash();
}

/* The handler of SIGABRT calls abort(), until its stack has no room for another frame. */
static void abort_in_nested_handlers(void)
{
	const struct sigaction action = {.sa_handler = give_up, .sa_flags = SA_ONSTACK};

	handle_on_own_stack(give_up);
	sigaction(SIGABRT, &action, NULL);
	crash();
}

/* The handler uses more of its stack than is copied. */
static void give_up_deep(int number)
{
	volatile unsigned char frame[40000];

	frame[0] = (unsigned char)number;
	give_up(number);
	sink = frame[0];
}

static void abort_deep_in_handler(void)
{
	handle_on_own_stack(give_up_deep);
	crash();
}

static const struct {
	const char *name;
	void (*end)(void);
} ways[] = {
	{"crash", crash},
	{"reraise", reraise},
	{"reraise-elsewhere", reraise_elsewhere},
	{"reraise-with-kill", reraise_with_kill},
	{"return-from-handler", return_from_handler},
	{"abort-in-handler", abort_in_handler},
	{"exit-in-handler", exit_in_handler},
	{"overflow", overflow},
	{"exit-in-main", exit_in_main},
	{"exit-in-thread", exit_in_thread},
	{"crash-in-thread", crash_in_thread},
	{"strict", strict},
	{"spin", spin},
	{"unloadable", execute_unloadable},
	{"spawn-nothing", spawn_nothing},
	{"execute-nothing", execute_nothing},
	{"crash-in-handler", crash_in_handler},
	{"abort-in-nested-handlers", abort_in_nested_handlers},
	{"abort-deep-in-handler", abort_deep_in_handler},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, argv[1]) == 0)
			ways[i].end();
	return EXIT_FAILURE;
}
