/* tests/live/hostile_acts.c - acts of an ordinary user that make the work of a recorder hard
 *
 * hostile_acts ACT [ARGUMENT]: goes on until it is killed. The acts are in a table below. ARGUMENT
 * is a directory with files, for `files`.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE         4096u
#define THREADS      4
#define PROCESSES    6
#define MAPPINGS     30000
#define SECONDS_MAX  600
#define STACK_BYTES  65536u
#define MANY_THREADS 100
#define LOWEST       0x10000u
#define HIGHEST      0x7fffffffe000u
#define CODE         (PROT_READ | PROT_EXEC)
#define PRIVATE_ZERO (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

static const char *argument;
static void *volatile mapped; /* the newest mapping that stays */

static void *map_and_unmap(void *unused)
{
	(void)unused;
	for (;;) {
		void *page = mmap(NULL, PAGE, CODE, PRIVATE_ZERO, -1, 0);

		if (page != MAP_FAILED)
			(void)munmap(page, PAGE);
	}
	return NULL;
}

static void in_threads(void *(*run)(void *))
{
	pthread_t thread;

	for (int i = 1; i < THREADS; i++) {
		if (pthread_create(&thread, NULL, run, NULL) != 0)
			break;
	}
	(void)run(NULL);
}

/* Changes of mappings as fast as the kernel makes them. */
static void changes(void)
{
	in_threads(map_and_unmap);
}

static void map_much_code(void)
{
	char *base = mmap(NULL, 2ul * PAGE * MAPPINGS, PROT_NONE, PRIVATE_ZERO, -1, 0);

	for (size_t i = 0; base != MAP_FAILED && i < MAPPINGS; i++)
		mapped = mmap(base + 2 * PAGE * i, PAGE, CODE, PRIVATE_ZERO | MAP_FIXED, -1, 0);
}

/* Processes with very many mappings. */
static void mappings(void)
{
	for (int i = 1; i < PROCESSES && fork() != 0; i++)
		;
	map_much_code();
	for (;;)
		(void)pause();
}

/* Names with control characters, which change all the time. */
static void names(void)
{
	for (unsigned int i = 0;; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "\033[2J%u\n", i);
		(void)prctl(PR_SET_NAME, name);
		if (i % 50 != 0)
			continue;
		if (fork() == 0)
			_exit((int)(i & 1));
		(void)wait(NULL);
	}
}

/* Ends of processes as fast as they come. */
static void ends(void)
{
	for (;;) {
		if (fork() == 0)
			_exit(0);
		(void)wait(NULL);
	}
}

static void ignore(int number)
{
	(void)number;
}

/* Signals between two processes. */
static void signals(void)
{
	pid_t other = getpid();
	pid_t child;

	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		(void)signal(number, ignore);
	child = fork();
	if (child != 0)
		other = child;
	for (int i = 0;; i++)
		(void)sigqueue(other, SIGRTMIN + i % 30, (union sigval){.sival_int = i});
}

static void *mark_sections(void *unused)
{
	char path[64];

	(void)unused;
	for (unsigned int i = 0;; i++) {
		(void)snprintf(path, sizeof(path), "/diag/section/start/1us/%u", i);
		(void)access(path, F_OK);
		if (i % 64 != 0)
			(void)access("/diag/section/stop", F_OK);
	}
	return NULL;
}

/* Sections, each with another label; some never stop. */
static void sections(void)
{
	in_threads(mark_sections);
}

/* Short processes, each with a section. */
static void marks(void)
{
	for (unsigned int i = 0;; i++) {
		if (fork() == 0) {
			(void)access("/diag/section/start/1us/of-a-process", F_OK);
			(void)access("/diag/section/stop", F_OK);
			_exit(0);
		}
		(void)wait(NULL);
	}
}

/* Memory for generated code, so that the recorder looks for a perf map. */
static void code(void)
{
	mapped = mmap(NULL, 16ul * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, PRIVATE_ZERO, -1, 0);
	(void)alarm(SECONDS_MAX);
	for (;;)
		(void)pause();
}

/* And as its perf map a link to a file of root. */
static void links(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	(void)unlink(path); /* of an earlier process with this ID */
	if (symlink(argument, path) != 0)
		abort();
	code();
}

static void *map_file(int number)
{
	char path[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%d.elf", argument, number);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	mapped = mmap(NULL, PAGE, CODE, MAP_PRIVATE, fd, PAGE);
	(void)close(fd);
	return mapped == MAP_FAILED ? NULL : mapped;
}

/* Executes an instruction that is invalid, with the files on the stack. */
static void die_in_files(void)
{
	static void *stack[PAGE];
	size_t depth = 0;
	void *code;

	while (depth < PAGE / 2 && (code = map_file((int)depth)) != NULL)
		stack[PAGE / 2 + depth++] = (char *)code + 8;
	if (depth > 0) {
		code = (char *)stack[PAGE / 2] - 8;
#ifdef __x86_64__
		__asm__ volatile("mov %0, %%rsp; jmp *%1" ::"r"(&stack[PAGE / 2 + 1]), "r"(code));
#endif
	}
	abort();
}

/* Deaths in files whose tables are costly to read, again and again. */
static void files(void)
{
	for (;;) {
		if (fork() == 0)
			die_in_files();
		(void)wait(NULL);
	}
}

/* Mappings of files, as fast as the kernel makes them. */
static void file_maps(void)
{
	for (int number = 0;; number++) {
		if (!map_file(number))
			number = -1;
		else
			(void)munmap(mapped, PAGE);
	}
}

/* Mappings of files that stay. */
static void file_holds(void)
{
	for (int number = 0; map_file(number) != NULL; number++)
		;
	for (;;)
		(void)pause();
}

static void execute(const char *path, const char *act)
{
	(void)execl(path, path, act, argument, NULL);
	abort();
}

/* One process that executes this program again and again. */
static void executions(void)
{
	execute("/proc/self/exe", "executions");
}

static void die(void)
{
	abort();
}

static bool copy_program(int to)
{
	const int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	char bytes[65536];
	ssize_t size;

	if (from < 0)
		return false;
	while ((size = read(from, bytes, sizeof(bytes))) > 0) {
		if (write(to, bytes, (size_t)size) != size)
			break;
	}
	(void)close(from);
	return size == 0;
}

/* Deaths of programs that have no file, each with another name and another inode. */
static void memory_programs(void)
{
	for (unsigned int i = 0;; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "\033[2J;%u\n (deleted)", i);
		if (fork() == 0) {
			const int file = memfd_create(name, MFD_CLOEXEC);

			(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
			if (file >= 0 && copy_program(file))
				execute(name, "die");
			abort();
		}
		(void)wait(NULL);
	}
}

static void *wait_for_the_end(void *unused)
{
	(void)pause();
	return unused;
}

/* Ends of processes with very many threads. */
static void thread_ends(void)
{
	pthread_attr_t attributes;

	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
	for (;;) {
		if (fork() == 0) {
			pthread_t thread;

			for (int i = 1; i < MANY_THREADS; i++)
				(void)pthread_create(&thread, &attributes, wait_for_the_end, NULL);
			abort();
		}
		(void)wait(NULL);
	}
}

/* Deaths of processes that are stopped by their tracer at each signal. */
static void traced(void)
{
	for (unsigned int i = 0;; i++) {
		const pid_t child = fork();
		int status = 0;

		if (child < 0)
			continue;
		if (child == 0) {
			(void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
			(void)raise(SIGSTOP);
			abort();
		}
		if (waitpid(child, &status, 0) != child)
			continue;
		if (i % 2 != 0)
			(void)kill(child, SIGKILL);
		for (int signal = 0; !WIFEXITED(status) && !WIFSIGNALED(status);
		     signal = WSTOPSIG(status)) {
			(void)ptrace(PTRACE_CONT, child, NULL, signal == SIGSTOP ? 0 : signal);
			if (waitpid(child, &status, 0) != child)
				break;
		}
	}
}

/* Deaths of processes whose arguments are said to be all of their memory. */
static void arguments(void)
{
	for (;;) {
		if (fork() == 0) {
			struct prctl_mm_map map = {
				.start_code = LOWEST,
				.end_code = LOWEST + 1,
				.start_data = LOWEST,
				.end_data = LOWEST,
				.start_brk = LOWEST,
				.brk = LOWEST,
				.start_stack = LOWEST,
				.arg_start = LOWEST,
				.arg_end = HIGHEST,
				.env_start = LOWEST,
				.env_end = HIGHEST,
				.exe_fd = UINT32_MAX,
			};

			if (prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0) == 0)
				abort();
			perror("PR_SET_MM_MAP");
			_exit(1);
		}
		(void)wait(NULL);
	}
}

static const struct act {
	const char *name;
	void (*run)(void);
} acts[] = {
	{"changes", changes},
	{"mappings", mappings},
	{"names", names},
	{"ends", ends},
	{"signals", signals},
	{"sections", sections},
	{"marks", marks},
	{"links", links},
	{"files", files},
	{"code", code},
	{"file-maps", file_maps},
	{"file-holds", file_holds},
	{"executions", executions},
	{"memory-programs", memory_programs},
	{"thread-ends", thread_ends},
	{"traced", traced},
	{"arguments", arguments},
	{"die", die},
};

int main(int argc, char **argv)
{
	argument = argc > 2 ? argv[2] : "/";
	for (size_t i = 0; argc > 1 && i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(acts[i].name, argv[1]) == 0)
			acts[i].run();
	}
	(void)fprintf(stderr, "usage: hostile_acts ACT [ARGUMENT]\n");
	return 2;
}
