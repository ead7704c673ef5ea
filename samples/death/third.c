/* samples/death/third.c - the third party's library: a function for each way to end a process
 */
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "death.h"
#include "instructions.h"

#define NOINLINE __attribute__((noinline))

/* What the compiler must take to be used and changed. */
static volatile int sink;
static void *volatile nowhere;

static NOINLINE void third_abort(void)
{
	abort();
}

static NOINLINE void third_exit(void)
{
	exit(42);
}

static NOINLINE void third_underscore_exit(void)
{
	_exit(43);
}

static void exit_handler(void)
{
	abort();
}

static NOINLINE void third_abort_in_exit_handler(void)
{
	atexit(exit_handler);
	exit(44);
}

static NOINLINE void third_read_null(void)
{
	sink = *(volatile int *)nowhere;
}

static NOINLINE void third_jump_null(void)
{
	((void (*volatile)(void))nowhere)();
	sink = 1;
}

static NOINLINE void third_assert(void)
{
	assert(sink == 12345);
}

static NOINLINE void third_divide(void)
{
	volatile int dividend = 1;
	volatile int divisor = 0;

	sink = dividend / divisor;
}

static NOINLINE void third_illegal(void)
{
	__asm__ volatile(INSTRUCTION_INVALID);
}

static NOINLINE void third_double_free(void)
{
	void *volatile block = malloc(2000);

	free(block);
	free(block);
}

static NOINLINE void third_raise(void)
{
	raise(SIGTERM);
}

static NOINLINE void third_kill_self(void)
{
	kill(getpid(), SIGUSR1);
}

static NOINLINE int smash(const char *text)
{
	char small[8];

	strcpy(small, text);
	__asm__ volatile("" : : "r"(small) : "memory");
	return small[0];
}

static NOINLINE void third_smash_stack(void)
{
	sink = smash("a text that is longer than the room for it");
}

static NOINLINE int descend(int depth)
{
	if (depth == 0)
		abort();
	return descend(depth - 1) + sink;
}

static NOINLINE void third_deep_abort(void)
{
	sink = descend(299);
}

static NOINLINE void third_deeper_abort(void)
{
	sink = descend(2000);
}

static NOINLINE int overflow(int depth)
{
	volatile char room[200];

	room[0] = (char)depth;
	__asm__ volatile("" : : "r"(room) : "memory");
	return overflow(depth + 1) + room[0];
}

static NOINLINE void third_overflow_stack(void)
{
	sink = overflow(0);
}

static void abort_handler(int signal_number)
{
	sink = signal_number;
	abort();
}

static NOINLINE void third_abort_in_handler(void)
{
	signal(SIGSEGV, abort_handler);
	third_read_null();
}

static char alternate_stack[65536];

static NOINLINE void third_abort_on_alternate_stack(void)
{
	stack_t stack = {.ss_sp = alternate_stack, .ss_size = sizeof(alternate_stack)};
	struct sigaction action = {.sa_handler = abort_handler, .sa_flags = SA_ONSTACK};

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	third_read_null();
}

static void *work(void *argument)
{
	exit(45);
	return argument;
}

static NOINLINE void third_exit_in_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, work, NULL) == 0)
		pthread_join(thread, NULL);
}

static int compare_and_abort(const void *left, const void *right)
{
	if (left != right)
		abort();
	return 0;
}

static NOINLINE void third_abort_in_callback(void)
{
	int numbers[4] = {4, 3, 2, 1};

	qsort(numbers, 4, sizeof(numbers[0]), compare_and_abort);
}

/* The frame is realigned and of unknown size: its caller is found by an expression. */
static NOINLINE int aligned_abort(int count)
{
	volatile char room[count];
	volatile __attribute__((aligned(64))) char aligned[64];

	room[0] = 1;
	aligned[0] = room[0];
	if (aligned[0])
		abort();
	return aligned[0];
}

static NOINLINE void third_abort_in_aligned_frame(void)
{
	sink = aligned_abort(sink + 100);
}

static void made_abort(void)
{
	abort();
}

/* Code made at run time, which keeps a frame pointer. */
static NOINLINE void third_abort_below_made_code(void)
{
	static const unsigned char code[] = {CODE_THAT_CALLS};
	void *made = mmap(NULL, sizeof(code), PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (made == MAP_FAILED)
		return;
	memcpy(made, code, sizeof(code));
	__builtin___clear_cache((char *)made, (char *)made + sizeof(code));
	((void (*)(void (*)(void)))made)(made_abort);
	sink = 1;
}

static const struct {
	const char *how;
	void (*die)(void);
} ways[] = {
	{"abort", third_abort},
	{"exit", third_exit},
	{"_exit", third_underscore_exit},
	{"exit-handler", third_abort_in_exit_handler},
	{"null", third_read_null},
	{"jump-null", third_jump_null},
	{"assert", third_assert},
	{"divide", third_divide},
	{"illegal", third_illegal},
	{"double-free", third_double_free},
	{"raise", third_raise},
	{"kill", third_kill_self},
	{"smash", third_smash_stack},
	{"deep", third_deep_abort},
	{"deeper", third_deeper_abort},
	{"overflow", third_overflow_stack},
	{"handler", third_abort_in_handler},
	{"alternate-stack", third_abort_on_alternate_stack},
	{"thread-exit", third_exit_in_thread},
	{"callback", third_abort_in_callback},
	{"aligned", third_abort_in_aligned_frame},
	{"made-code", third_abort_below_made_code},
#ifdef DEATH_THROW
	{"throw", third_throw},
#endif
};

const char *third_ways(void)
{
	static char text[512];

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		strcat(text, ways[i].how);
		strcat(text, "\n");
	}
	return text;
}

static NOINLINE int third_find(const char *how)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(ways[i].how, how) == 0) {
			ways[i].die();
			return 0;
		}
	}
	return -1;
}

int third_check(const char *how)
{
	return third_find(how) + 1;
}
