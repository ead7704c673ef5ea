/* tests/fuzz/analyse_input.c - runs a report, or the folding, over a file in memory */
#include "tests/fuzz/analyse_input.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyze/fold/fold.h"
#include "analyze/report/report.h"

#define REPORT_MASK 0x0fu
#define WITH_TREE   0x10u
#define ON_A_SCREEN 0x20u

static int make_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

static void write_report(int fd, enum report_mode mode, unsigned int asked, FILE *out)
{
	const struct report_options options = {
		.mode = mode,
		.stacks = !(asked & ON_A_SCREEN),
		.tree = asked & WITH_TREE,
		.top = 10,
		.layout = {.width = 80, .utf8 = asked & WITH_TREE},
	};
	struct report report = {.options = &options, .out = out};

	if (!trace_new(&report.trace) || !trace_add(report.trace, "fuzz", fd))
		abort();
	/* Whatever it says of the file, it must come back. */
	if (trace_load(report.trace) && !report_write(&report))
		fputs("out of memory\n", out);
	trace_free(report.trace);
}

static bool ignore(void *context, const struct fold_stack *stack)
{
	(void)context;
	return stack->count > 0;
}

static void fold(int fd)
{
	static const struct fold_request request = {
		.shape = {.roots = {"cgroup", "ancestors", "cause", "signal"}, .root_count = 4}};
	const struct fold_sink sink = {.context = NULL, .stack = ignore};
	struct fold *fold;

	if (!fold_open(&request, &fold) || !fold_add(fold, "fuzz", fd))
		abort();
	if (fold_run(fold, &sink) == FOLD_STOPPED)
		abort(); /* the sink was called with a stack without a frame */
	fold_close(fold);
}

void analyse_input(const uint8_t *bytes, size_t size, unsigned int asked)
{
	unsigned int choice = (asked & REPORT_MASK) % (REPORT_VERIFY + 2);
	FILE *out;

	if (choice > REPORT_VERIFY) {
		fold(make_file(bytes, size));
		return;
	}
	out = fopen("/dev/null", "w");
	if (!out)
		abort();
	write_report(make_file(bytes, size), (enum report_mode)choice, asked, out);
	fclose(out);
}
