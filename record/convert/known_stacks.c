/* record/convert/known_stacks.c - kernel stacks that events refer to by CPU and number */
#include "record/convert/known_stacks.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "bpf/event.h"

struct known_stacks_of_cpu {
	struct known_stack *stacks[KNOWN_STACK_COUNT]; /* NULL: unknown */
};

struct known_stacks {
	struct known_stacks_of_cpu *cpus;
	size_t count;
	size_t capacity;
};

struct known_stacks *known_stacks_new(void)
{
	return calloc(1, sizeof(struct known_stacks));
}

static bool is_number(uint32_t number)
{
	return number != KNOWN_STACK_NONE && number < KNOWN_STACK_COUNT;
}

static bool make_room(struct known_stacks *stacks, uint32_t cpu)
{
	const size_t wanted = (size_t)cpu + 1;
	struct known_stacks_of_cpu *cpus;

	if (wanted <= stacks->count)
		return true;
	cpus = array_grow(stacks->cpus, &stacks->capacity, wanted, sizeof(*cpus),
			  KNOWN_STACKS_CPUS_MAX);
	if (!cpus)
		return false;
	memset(&cpus[stacks->count], 0, (wanted - stacks->count) * sizeof(*cpus));
	stacks->cpus = cpus;
	stacks->count = wanted;
	return true;
}

bool known_stacks_learn(struct known_stacks *stacks, uint32_t cpu, uint32_t number,
			const void *addresses, size_t count)
{
	struct known_stack *stack, **place;

	if (cpu >= KNOWN_STACKS_CPUS_MAX || !is_number(number))
		return true;
	if (!make_room(stacks, cpu))
		return false;
	stack = malloc(sizeof(*stack) + count * sizeof(stack->addresses[0]));
	if (!stack)
		return false;
	stack->count = count;
	if (count)
		memcpy(stack->addresses, addresses, count * sizeof(stack->addresses[0]));
	place = &stacks->cpus[cpu].stacks[number];
	free(*place);
	*place = stack;
	return true;
}

const struct known_stack *known_stacks_find(const struct known_stacks *stacks, uint32_t cpu,
					    uint32_t number)
{
	return cpu < stacks->count && is_number(number) ? stacks->cpus[cpu].stacks[number] : NULL;
}

void known_stacks_free(struct known_stacks *stacks)
{
	if (!stacks)
		return;
	for (size_t i = 0; i < stacks->count; i++) {
		for (size_t j = 0; j < KNOWN_STACK_COUNT; j++)
			free(stacks->cpus[i].stacks[j]);
	}
	free(stacks->cpus);
	free(stacks);
}
