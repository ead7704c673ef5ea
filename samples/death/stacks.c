/* samples/death/stacks.c - dies with an unusual stack: PROGRAM WAY [PROGRAM] */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "instructions.h"

#define NOINLINE    __attribute__((noinline))
#define LARGE_BYTES (16u << 20)
#define LARGE_WORDS (LARGE_BYTES / sizeof(double))

static volatile int sink;
static int *volatile null;

NOINLINE void use(char *bytes, int at)
{
	bytes[at] = 1;
	__asm__ volatile("" ::: "memory");
}

/* The call is the first access. */
NOINLINE void large_call(void)
{
	char bytes[LARGE_BYTES];

	use(bytes, 1);
	sink += bytes[1];
}

NOINLINE void large_down(void)
{
	volatile double words[LARGE_WORDS];

	for (size_t i = LARGE_WORDS; i-- > 0;)
		words[i] = (double)i;
	sink += (int)words[1];
}

NOINLINE void large_up(void)
{
	volatile double words[LARGE_WORDS];

	for (size_t i = 0; i < LARGE_WORDS; i++)
		words[i] = (double)i;
	sink += (int)words[1];
}

NOINLINE void large_middle(void)
{
	volatile double words[LARGE_WORDS];

	words[LARGE_WORDS / 2] = 1;
	sink += (int)words[1];
}

NOINLINE int endless(int depth)
{
	volatile char bytes[400];

	bytes[0] = (char)depth;
	return endless(depth + 1) + bytes[0];
}

static void on_fault(int number)
{
	(void)number;
	abort();
}

/* Its handler has no alternate stack, so the kernel cannot call it. */
NOINLINE void endless_handled(void)
{
	signal(SIGSEGV, on_fault);
	sink = endless(0);
}

NOINLINE void pivot(void)
{
	__asm__ volatile(INSTRUCTION_PUSH_LOW);
}

NOINLINE void no_stack(void)
{
	__asm__ volatile(INSTRUCTION_RETURN_0);
}

/* Two functions without names, which have a frame pointer. */
NOINLINE void made_code(size_t offset)
{
	static const unsigned char code[] = {CODE_THAT_CRASHES};
	unsigned char *made = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (made == MAP_FAILED)
		exit(1);
	memcpy(made + offset, code, sizeof(code));
	__builtin___clear_cache((char *)made, (char *)made + 4096);
	((void (*)(void))(made + offset))();
	sink++;
}

NOINLINE void made_first(void)
{
	made_code(0);
}

NOINLINE void made_second(void)
{
	made_code(0x100);
}

NOINLINE void crash_later(void)
{
	usleep(1000000); /* the recorder opens the file of a program that has no path meanwhile */
	*null = 1;
}

static const struct {
	const char *name;
	void (*die)(void);
} ways[] = {
	{"large-call", large_call},
	{"large-down", large_down},
	{"large-up", large_up},
	{"large-middle", large_middle},
	{"endless-handled", endless_handled},
	{"pivot", pivot},
	{"no-stack", no_stack},
	{"made-first", made_first},
	{"made-second", made_second},
	{"crash-later", crash_later},
};

/* Runs another program out of a memfd. */
static int run_from_memory(char **argv)
{
	static char buffer[65536];
	char *environment[] = {NULL};
	int from = open(argv[0], O_RDONLY | O_CLOEXEC);
	int to = memfd_create("payload", MFD_CLOEXEC);
	ssize_t got;

	if (from < 0 || to < 0)
		return 1;
	while ((got = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, (size_t)got) != got)
			return 1;
	fexecve(to, argv, environment);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "memory") == 0)
		return run_from_memory(argv + 2);
	for (size_t i = 0; argc == 2 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, argv[1]) == 0)
			ways[i].die();
	return 2;
}
