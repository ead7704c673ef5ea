/* record/convert/probe_stacks.c - kernel stacks that hits of probes refer to by number */
#include "record/convert/probe_stacks.h"

#include <stdlib.h>
#include <string.h>

#include "bpf/event.h"

struct probe_stacks {
	struct probe_stack *stacks[PROBE_STACK_NUMBERS]; /* NULL: unknown */
};

struct probe_stacks *probe_stacks_new(void)
{
	return calloc(1, sizeof(struct probe_stacks));
}

bool probe_stacks_learn(struct probe_stacks *stacks, uint32_t number, const void *addresses,
			size_t count)
{
	struct probe_stack *stack;

	if (number >= PROBE_STACK_NUMBERS)
		return true;
	stack = calloc(1, sizeof(*stack) + count * sizeof(stack->addresses[0]));
	if (!stack)
		return false;
	stack->count = count;
	if (count)
		memcpy(stack->addresses, addresses, count * sizeof(stack->addresses[0]));
	free(stacks->stacks[number]);
	stacks->stacks[number] = stack;
	return true;
}

struct probe_stack *probe_stacks_find(struct probe_stacks *stacks, uint32_t number)
{
	return number < PROBE_STACK_NUMBERS ? stacks->stacks[number] : NULL;
}

void probe_stacks_free(struct probe_stacks *stacks)
{
	if (!stacks)
		return;
	for (size_t i = 0; i < PROBE_STACK_NUMBERS; i++)
		free(stacks->stacks[i]);
	free(stacks);
}
