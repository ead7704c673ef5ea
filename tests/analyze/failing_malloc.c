/* tests/analyze/failing_malloc.c - preloaded into a program: one of its allocations fails
 *
 * FAILING_MALLOC=N in the environment: the Nth one from the start of the program, counted from 1.
 * With 0 none does, and their number is written to standard error at the end. libseccomp's own are
 * not among them: it does not notice when one fails, and makes a filter that forbids too much, so
 * that the program ends before it has looked at its input.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX 64u

/* The names, also of parameters, are not those of the libraries' headers.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,bugprone-reserved-identifier,readability-identifier-naming)
 */

/* glibc's own, under the names that it has for who takes the others. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

static struct {
	bool on;
	unsigned long count;
	unsigned long failing;
} state;

__attribute__((constructor)) static void begin(void)
{
	const char *number = getenv("FAILING_MALLOC");

	if (!number)
		return;
	state.failing = strtoul(number, NULL, 10);
	state.on = true;
}

__attribute__((destructor)) static void end(void)
{
	char text[TEXT_MAX];
	int size = snprintf(text, sizeof(text), "allocations: %lu\n", state.count);

	if (state.on && state.failing == 0 && write(STDERR_FILENO, text, (size_t)size) != size)
		_exit(1);
}

static bool fails(void)
{
	if (!state.on || ++state.count != state.failing)
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
	bool was = state.on;
	scmp_filter_ctx (*real)(uint32_t action);
	scmp_filter_ctx filter;
	void *function;

	state.on = false;
	function = next("seccomp_init");
	memcpy(&real, &function, sizeof(real));
	filter = real(action);
	state.on = was;
	return filter;
}

int seccomp_rule_add_array(scmp_filter_ctx filter, uint32_t action, int call, unsigned int count,
			   const struct scmp_arg_cmp *arguments)
{
	bool was = state.on;
	int (*real)(scmp_filter_ctx filter, uint32_t action, int call, unsigned int count,
		    const struct scmp_arg_cmp *arguments);
	void *function;
	int result;

	state.on = false;
	function = next("seccomp_rule_add_array");
	memcpy(&real, &function, sizeof(real));
	result = real(filter, action, call, count, arguments);
	state.on = was;
	return result;
}

/* The sandbox gives no arguments to this one. */
int seccomp_rule_add(scmp_filter_ctx filter, uint32_t action, int call, unsigned int count, ...)
{
	if (count != 0)
		abort();
	return seccomp_rule_add_array(filter, action, call, 0, NULL);
}

int seccomp_load(const scmp_filter_ctx filter)
{
	bool was = state.on;
	int (*real)(const scmp_filter_ctx filter);
	void *function;
	int result;

	state.on = false;
	function = next("seccomp_load");
	memcpy(&real, &function, sizeof(real));
	result = real(filter);
	state.on = was;
	return result;
}

/* Without memory it says that there is no such call, and the number is shown. */
char *seccomp_syscall_resolve_num_arch(uint32_t machine, int number)
{
	bool was = state.on;
	char *(*real)(uint32_t machine, int number);
	void *function;
	char *name;

	state.on = false;
	function = next("seccomp_syscall_resolve_num_arch");
	memcpy(&real, &function, sizeof(real));
	name = real(machine, number);
	state.on = was;
	return name;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name,bugprone-reserved-identifier,readability-identifier-naming)
 */
