/* tests/analyze/failing_malloc.c - library preloaded into a program: one of its allocations fails
 *
 * With FAILING_MALLOC=N in the environment, the Nth allocation fails, counted from 1 over all
 * threads. With N+, all from the Nth fail. With 0, none fails, and their number is written to
 * standard error at the end. Then the file FAILING_MALLOC_PLACES gets eight bytes for each
 * allocation, which identify its place: a hash of the addresses of its callers, equal in every run
 * without address randomization. Programs that the program starts are not affected.
 *
 * Allocations of libseccomp are not counted. It does not notice when one fails, and makes a filter
 * that forbids too much, so that the program ends before it has read its input.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

#define TEXT_MAX    64u
#define PLACES_MAX  65536u
#define CALLERS_MAX 16u

/* The names, also of parameters, are not those of the libraries' headers.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,bugprone-reserved-identifier,readability-identifier-naming)
 */

/* The functions of glibc, under their names for programs that replace malloc(). */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static struct {
	bool on;
	bool for_ever;
	bool is_child;
	atomic_ulong count;
	unsigned long failing;
	int places_fd; /* -1: FAILING_MALLOC_PLACES is not set */
	uint64_t places[PLACES_MAX];
} state = {.places_fd = -1};

/* Whether this thread is in libseccomp, or in here. */
static _Thread_local bool is_exempt;

static void become_child(void)
{
	state.is_child = true;
}

__attribute__((constructor)) static void begin(void)
{
	const char *number = getenv("FAILING_MALLOC");
	const char *places = getenv("FAILING_MALLOC_PLACES");
	char *end;

	if (!number)
		return;
	state.failing = strtoul(number, &end, 10);
	state.for_ever = *end == '+';
	(void)pthread_atfork(NULL, NULL, become_child);
	if (places)
		state.places_fd = open(places, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	state.on = true;
	(void)unsetenv("LD_PRELOAD");
}

/* The file was opened when that was still allowed. */
static void write_places(void)
{
	unsigned long count = state.count < PLACES_MAX ? state.count : PLACES_MAX;
	size_t bytes = count * sizeof(state.places[0]);

	if (write(state.places_fd, state.places, bytes) != (ssize_t)bytes)
		_exit(1);
}

__attribute__((destructor)) static void end(void)
{
	char text[TEXT_MAX];
	int size = snprintf(text, sizeof(text), "allocations: %lu\n", (unsigned long)state.count);

	if (state.on && state.failing == 0 && !state.is_child &&
	    write(STDERR_FILENO, text, (size_t)size) != size)
		_exit(1);
	if (state.on && state.places_fd >= 0 && !state.is_child)
		write_places();
}

struct callers {
	uint64_t hash;
	unsigned int count;
};

static _Unwind_Reason_Code add_caller(struct _Unwind_Context *context, void *argument)
{
	struct callers *callers = argument;

	callers->hash = (callers->hash ^ _Unwind_GetIP(context)) * UINT64_C(0x9e3779b97f4a7c15);
	return ++callers->count < CALLERS_MAX ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static void note_place(unsigned long number)
{
	struct callers callers = {.hash = 0};

	if (state.places_fd < 0 || number > PLACES_MAX)
		return;
	is_exempt = true;
	(void)_Unwind_Backtrace(add_caller, &callers);
	is_exempt = false;
	state.places[number - 1] = callers.hash;
}

static bool fails(void)
{
	unsigned long number;

	if (!state.on || is_exempt)
		return false;
	number = atomic_fetch_add(&state.count, 1) + 1;
	note_place(number);
	if (number != state.failing && (!state.for_ever || number < state.failing))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return fails() ? NULL : __libc_realloc(memory, size);
}

void *reallocarray(void *memory, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(memory, bytes);
}

static void *next(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

scmp_filter_ctx seccomp_init(uint32_t action)
{
	bool was = is_exempt;
	scmp_filter_ctx (*real)(uint32_t action);
	scmp_filter_ctx filter;
	void *function;

	is_exempt = true;
	function = next("seccomp_init");
	memcpy(&real, &function, sizeof(real));
	filter = real(action);
	is_exempt = was;
	return filter;
}

int seccomp_rule_add_array(scmp_filter_ctx filter, uint32_t action, int call, unsigned int count,
			   const struct scmp_arg_cmp *arguments)
{
	bool was = is_exempt;
	int (*real)(scmp_filter_ctx filter, uint32_t action, int call, unsigned int count,
		    const struct scmp_arg_cmp *arguments);
	void *function;
	int result;

	is_exempt = true;
	function = next("seccomp_rule_add_array");
	memcpy(&real, &function, sizeof(real));
	result = real(filter, action, call, count, arguments);
	is_exempt = was;
	return result;
}

/* The sandbox passes no conditions on arguments to this function. */
int seccomp_rule_add(scmp_filter_ctx filter, uint32_t action, int call, unsigned int count, ...)
{
	if (count != 0)
		abort();
	return seccomp_rule_add_array(filter, action, call, 0, NULL);
}

int seccomp_load(const scmp_filter_ctx filter)
{
	bool was = is_exempt;
	int (*real)(const scmp_filter_ctx filter);
	void *function;
	int result;

	is_exempt = true;
	function = next("seccomp_load");
	memcpy(&real, &function, sizeof(real));
	result = real(filter);
	is_exempt = was;
	return result;
}

/* On allocation failure it reports an unknown system call, and the number is shown. */
char *seccomp_syscall_resolve_num_arch(uint32_t machine, int number)
{
	bool was = is_exempt;
	char *(*real)(uint32_t machine, int number);
	void *function;
	char *name;

	is_exempt = true;
	function = next("seccomp_syscall_resolve_num_arch");
	memcpy(&real, &function, sizeof(real));
	name = real(machine, number);
	is_exempt = was;
	return name;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name,bugprone-reserved-identifier,readability-identifier-naming)
 */
