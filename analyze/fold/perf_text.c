/* analyze/fold/perf_text.c - stacks as text that perf script would print */
#include "analyze/fold/perf_text.h"

#include <inttypes.h>
#include <string.h>

#include "text/escape.h"

#define NS_PER_SECOND UINT64_C(1000000000)

static void write_text(FILE *out, const struct fold_text *text, const char *fallback)
{
	/* Most names need no escapes, and one write is faster than one for each character. */
	if (text->size > 0 && escape_is_clean(ESCAPE_FRAME, text->bytes, text->size))
		fwrite(text->bytes, 1, text->size, out);
	else if (text->size > 0)
		escape_write(out, ESCAPE_FRAME, text->bytes, text->size);
	else
		fputs(fallback, out);
}

/* Two spaces after the name: without them, readers do not find a name of one character. */
static void write_header(const struct fold_stack *stack, enum fold_unit unit, FILE *out)
{
	bool is_lost = stack->frames[0].type == FOLD_LOST;

	write_text(out, is_lost ? &stack->frames[0].name : &stack->comm, "[unknown]");
	fprintf(out, "  %" PRIu32 "/%" PRIu32 " %" PRIu64 ".%09" PRIu64 ": %" PRIu64 " %s:\n",
		stack->pid, stack->tid, stack->time_ns / NS_PER_SECOND,
		stack->time_ns % NS_PER_SECOND, stack->weight,
		unit == FOLD_EVENTS ? "count" : "nanoseconds");
}

/* Readers take the name up to the last bracket, and remove an offset at its end. */
static void write_name(const struct fold_frame *frame, FILE *out)
{
	struct fold_text name = frame->name;

	if (frame->type == FOLD_UNKNOWN && frame->module.size > 0) {
		fputs("[unknown]", out);
		return;
	}
	/* stackcollapse-perf.pl skips what starts with a bracket. */
	if (name.bytes[0] == '(') {
		fputs("\\x28", out);
		name.bytes++;
		name.size--;
	}
	write_text(out, &name, "");
	if (frame->offset != 0)
		fprintf(out, "+0x%" PRIx64, frame->offset);
}

static struct fold_text module_of(const struct fold_frame *frame)
{
	static const struct fold_text kernel = {"[kernel.kallsyms]", 17};
	static const struct fold_text inlined = {"inlined", 7};
	static const char own[] = "[kernel]";

	if (frame->type == FOLD_INLINED)
		return inlined;
	if (frame->type != FOLD_KERNEL)
		return frame->module;
	/* Modules of the kernel have their names. */
	return frame->module.size == 0 || (frame->module.size == strlen(own) &&
					   memcmp(frame->module.bytes, own, strlen(own)) == 0)
		       ? kernel
		       : frame->module;
}

static void write_frame(const struct fold_frame *frame, FILE *out)
{
	struct fold_text module = module_of(frame);

	fprintf(out, "\t%16.4" PRIx64 " ", frame->address);
	write_name(frame, out);
	fputs(" (", out);
	write_text(out, &module, "[unknown]");
	fputs(")\n", out);
}

void perf_text_write(const struct fold_stack *stack, enum fold_unit unit, FILE *out)
{
	write_header(stack, unit, out);
	for (size_t i = stack->count; i-- > 0;)
		if (stack->frames[i].type != FOLD_ROOT && stack->frames[i].type != FOLD_LOST)
			write_frame(&stack->frames[i], out);
	fputc('\n', out);
}
