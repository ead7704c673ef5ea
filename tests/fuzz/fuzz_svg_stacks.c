/* tests/fuzz/fuzz_svg_stacks.c - any bytes as a flame graph to read the stacks from */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/fold/svg_stacks.h"
#include "text/escape.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct counted {
	uint64_t stacks;
	uint64_t frames;
};

static bool count(void *context, const struct svg_stack *stack)
{
	struct counted *counted = context;

	if (stack->count == 0 || stack->decimals > 9 || (stack->old_weight > 0 && !stack->is_diff))
		abort();
	for (size_t i = 0; i < stack->count; i++)
		if (!escape_is_clean(ESCAPE_TERMINAL, stack->frames[i].name,
				     strlen(stack->frames[i].name)))
			abort();
	counted->stacks++;
	counted->frames += stack->count;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct counted first = {0};
	struct counted second = {0};
	struct svg_stacks_sink sink = {.context = &first, .stack = count};
	enum svg_stacks_status status = svg_stacks_run((const char *)data, size, &sink);

	sink.context = &second;
	if (svg_stacks_run((const char *)data, size, &sink) != status ||
	    first.stacks != second.stacks || first.frames != second.frames)
		abort();
	return 0;
}
