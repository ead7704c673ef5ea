/* tests/fuzz/fuzz_report.c - the reports and the folding, over files of any content
 *
 * Input: one byte, whose low four bits choose the report (0x80: what follows is a file), blocks as
 * those of fuzz_block.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/fuzz/analyse_input.h"
#include "tests/fuzz/format_input.h"

#define FILE_BYTES  262144u
#define IS_FILE     0x80u
#define REPORT_MASK 0x0fu
#define WITH_TREE   0x10u
#define ON_A_SCREEN 0x20u

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

<<<<<<< HEAD
=======
static int make_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

/* What the report is asked for, apart from its mode. */
static unsigned int asked;

static void write_report(int fd, enum report_mode mode, FILE *out)
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

/* After the reports comes the folding. */
static void analyse(const uint8_t *bytes, size_t size, unsigned choice)
{
	FILE *out;

	if (choice > REPORT_VERIFY) {
		fold(make_file(bytes, size));
		return;
	}
	out = fopen("/dev/null", "w");
	if (!out)
		abort();
	write_report(make_file(bytes, size), (enum report_mode)choice, out);
	fclose(out);
}

>>>>>>> main
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[FILE_BYTES];
	struct format_input_work work;
	unsigned choice;
	size_t file_size = size - 1;
	const uint8_t *file = data + 1;

	if (size < 1)
		return 0;
<<<<<<< HEAD
	choice = data[0] & REPORT_MASK;
=======
	asked = data[0];
	choice = (data[0] & REPORT_MASK) % (REPORT_VERIFY + 2);
>>>>>>> main
	if (!(data[0] & IS_FILE)) {
		format_input_make(data + 1, size - 1, bytes, sizeof(bytes), &file_size);
		file = bytes;
	}
	work = format_input_begin(file_size);
	analyse_input(file, file_size, choice);
	format_input_end_work(&work);
	return 0;
}
