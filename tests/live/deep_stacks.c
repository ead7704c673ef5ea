/* tests/live/deep_stacks.c - dies with a deep stack: deep_stacks WAY */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noipa))
#define DEPTH    700

static volatile int sink;
static volatile int *volatile null;

NOINLINE static void crash(void)
{
	*null = 1;
}

NOINLINE static int endless(int depth)
{
	volatile char bytes[400];

	bytes[0] = (char)depth;
	return endless(depth + 1) + bytes[0];
}

/* Thousands of frames in what is copied. */
NOINLINE static int tiny(int depth)
{
	return tiny(depth + 1) + sink;
}

NOINLINE static int wide(int depth)
{
	volatile char bytes[100000];

	bytes[0] = (char)depth;
	return wide(depth + 1) + bytes[0];
}

static int pong(int depth);

NOINLINE static int ping(int depth)
{
	volatile char bytes[300];

	bytes[0] = (char)depth;
	return pong(depth + 1) + bytes[0];
}

NOINLINE static int pong(int depth)
{
	volatile char bytes[60];

	bytes[0] = (char)depth;
	return ping(depth + 1) + bytes[0];
}

static int indirect(int depth);
static int (*volatile next)(int) = indirect;

NOINLINE static int indirect(int depth)
{
	volatile char bytes[200];

	bytes[0] = (char)depth;
	return next(depth + 1) + bytes[0];
}

NOINLINE static int descend(int depth)
{
	volatile char bytes[100];

	bytes[0] = (char)depth;
	if (depth == 0)
		crash();
	return descend(depth - 1) + bytes[0];
}

NOINLINE static void start_endless(void)
{
	sink = endless(0);
}

NOINLINE static void start_tiny(void)
{
	sink = tiny(0);
}

NOINLINE static void start_wide(void)
{
	sink = wide(0);
}

NOINLINE static void start_pair(void)
{
	sink = ping(0);
}

NOINLINE static void start_indirect(void)
{
	sink = indirect(0);
}

NOINLINE static void start_descent(void)
{
	sink = descend(DEPTH);
}

/* The words of earlier calls stay in this array, which is not initialized. */
NOINLINE static void over_old_frames(void)
{
	volatile char bytes[6000];

	bytes[0] = 1;
	sink = endless(bytes[0]);
}

NOINLINE static int warm_up(int depth)
{
	volatile char bytes[48];

	bytes[0] = (char)depth;
	return depth == 0 ? 0 : warm_up(depth - 1) + bytes[0];
}

NOINLINE static void start_over_old_frames(void)
{
	sink = warm_up(60);
	over_old_frames();
}

NOINLINE static void large_frame(void)
{
	volatile unsigned char bytes[20000];

	memset((unsigned char *)bytes, 1, sizeof(bytes));
	crash();
	sink = bytes[1];
}

NOINLINE static void beyond_guard(void)
{
	volatile unsigned char bytes[12 << 20];

	bytes[5 << 20] = 1;
	sink = bytes[5 << 20];
}

static void on_fault(int number)
{
	(void)number;
	abort();
}

static void handle(int flags)
{
	static char bytes[65536];
	const stack_t stack = {.ss_sp = bytes, .ss_size = sizeof(bytes)};
	const struct sigaction action = {.sa_handler = on_fault, .sa_flags = flags};

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

NOINLINE static void start_handled(void)
{
	handle(0);
	sink = endless(0);
}

NOINLINE static void start_handled_elsewhere(void)
{
	handle(SA_ONSTACK);
	sink = endless(0);
}

static const struct {
	const char *name;
	void (*die)(void);
} ways[] = {
	{"endless", start_endless},
	{"tiny", start_tiny},
	{"wide", start_wide},
	{"pair", start_pair},
	{"indirect", start_indirect},
	{"descent", start_descent},
	{"old-frames", start_over_old_frames},
	{"large-frame", large_frame},
	{"beyond-guard", beyond_guard},
	{"handled", start_handled},
	{"handled-elsewhere", start_handled_elsewhere},
};

NOINLINE static void run(const char *name)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i].name, name) == 0)
			ways[i].die();
}

static void *run_in_thread(void *name)
{
	run(name);
	return name;
}

static void start_thread_for(char *name)
{
	pthread_t thread;
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 1 << 20);
	if (pthread_create(&thread, &attributes, run_in_thread, name) != 0)
		abort();
	pthread_join(thread, NULL);
}

/* WAY, or thread WAY */
int main(int argc, char **argv)
{
	if (argc == 3)
		start_thread_for(argv[2]);
	else if (argc == 2)
		run(argv[1]);
	return EXIT_FAILURE;
}
