/* tests/symbols/death_chain.c - prints the call stack of a program's death
 *
 * usage: death_chain [-s BYTES] [-r TIMES] COMMAND... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "symbols/symbolizer.h"
#include "symbols/unwind.h"
#include "tests/symbols/death.h"

struct printer {
	struct module_cache *cache;
	int repeat; /* number of times to unwind, to measure the time */
	bool failed;
};

/* CPU time of this thread, so that other load does not count. */
static double cpu_time_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void print_frame(const struct unwind_frame *frame)
{
	struct symbol symbol;

	symbolizer_name(frame, NULL, &symbol);
	printf("%s+0x%llx (%s)%s\n", symbol.name ? symbol.name : "[unknown]",
	       (unsigned long long)symbol.offset_bytes, symbol.module,
	       frame->kind == UNWIND_FRAME_POINTER ? " [by frame pointer]" : "");
}

static void print_chain(void *context, struct death *death)
{
	struct printer *printer = context;
	struct unwind_input input = {
		.layout = registers_native(),
		.registers = death->registers,
		.stack = death->copy,
		.mappings = &death->mappings,
	};
	struct unwind_result *result = calloc(1, sizeof(*result));
	double start_us;

	if (!result) {
		printer->failed = true;
		return;
	}
	start_us = cpu_time_us();
	unwind(printer->cache, &input, result);
	fprintf(stderr, "cold: %.1f us\n", cpu_time_us() - start_us);
	start_us = cpu_time_us();
	for (int i = 0; i < printer->repeat; i++)
		unwind(printer->cache, &input, result);
	if (printer->repeat > 0)
		fprintf(stderr, "warm: %.2f us for %zu frames, %u steps\n",
			(cpu_time_us() - start_us) / printer->repeat, result->count, result->steps);
	for (size_t i = 0; i < result->count; i++)
		print_frame(&result->frames[i]);
	printf("end: %s\n", unwind_end_phrase(result->end));
	free(result);
}

/* Returns false if the program cannot be run or traced. */
static bool print_death(struct printer *printer, char *const argv[], size_t stack_bytes)
{
	struct death *death = calloc(1, sizeof(*death));
	bool watched;

	if (!death)
		return false;
	watched = death_watch(argv, stack_bytes, print_chain, printer, death);
	if (watched)
		death_release(death);
	free(death);
	return watched && !printer->failed;
}

int main(int argc, char **argv)
{
	static const char *const directories[] = {"/usr/lib/debug"};
	const struct module_cache_options options = {
		.memory_limit_bytes = MODULE_CACHE_MEMORY_BYTES,
		.debug_directories = {directories, 1},
	};
	struct printer printer = {.repeat = 0};
	size_t stack_bytes = 16384;
	int option;
	bool printed;

	while ((option = getopt(argc, argv, "+s:r:")) != -1) {
		if (option == 's')
			stack_bytes = strtoul(optarg, NULL, 0);
		else if (option == 'r')
			printer.repeat = (int)strtol(optarg, NULL, 0);
		else
			return 2;
	}
	if (optind == argc || module_cache_new(&options, &printer.cache) != SYMBOLS_OK)
		return 2;
	printed = print_death(&printer, argv + optind, stack_bytes);
	module_cache_free(printer.cache);
	return !printed;
}
