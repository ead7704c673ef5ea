/* tests/fuzz/fuzz_flame_formats.c - any bytes, compressed or not, in each format of diag-flame
 *
 * Input: a byte that chooses the format, then the bytes of the file. Every stack that a reader
 * passes must have frames, and the report must be consistent.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "flame/input/input.h"
#include "tests/fuzz/work_limit.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NS_PER_BYTE UINT64_C(4000) /* of the text, which can be compressed */

struct count {
	uint64_t stacks;
	uint64_t frames;
	uint64_t bytes;
	const struct line_reader *lines;
};

static enum flame_status add(void *context, const struct stack *stack)
{
	struct count *count = context;

	if (stack->count == 0 || stack->decimals > STACK_DECIMALS_MAX ||
	    (stack->origin && stack->origin->root_count > stack->count))
		abort();
	count->stacks++;
	count->frames += stack->count;
	for (size_t i = 0; i < stack->count; i++) {
		if (stack->frames[i].size > 0 && !stack->frames[i].name)
			abort();
		for (size_t at = 0; at < stack->frames[i].size; at++)
			count->bytes += (uint8_t)stack->frames[i].name[at];
	}
	work_limit_extend(count->lines->read_bytes * NS_PER_BYTE);
	return FLAME_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input_options options = {.format = INPUT_DETECT};
	struct input_report report = {0};
	struct line_reader lines;
	struct count count = {.lines = &lines};
	const struct stack_sink sink = {.context = &count, .stack = add};
	struct input_source *source;
	int fd;

	if (size == 0)
		return 0;
	options.format = (enum input_format)(data[0] % INPUT_FORMATS);
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1) ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	source = input_source_new(fd);
	if (!source || input_line_open_source(&lines, source) != FLAME_OK)
		abort();
	input_read(&lines, &options, &sink, &report);
	if (report.format == INPUT_DETECT || report.bad_lines > report.lines ||
	    report.event_count > INPUT_EVENTS_MAX || input_source_position(source) > (uint64_t)size)
		abort();
	line_reader_close(&lines);
	input_source_free(source);
	close(fd);
	return 0;
}
