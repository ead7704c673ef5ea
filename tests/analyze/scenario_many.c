/* tests/analyze/scenario_many.c - traces with more kinds of deaths than a report keeps */
#include <stdio.h>

#include "tests/analyze/scenario.h"
#include <dz/enums.h>

#define NAMES     5000u
#define KINDS     200000u
#define CRASH     4900u
#define STACKS    100000u
#define DEPTH     20u
#define FUNCTIONS 4000u

static void add_failure(struct scenario *scenario, uint32_t number, const char *name)
{
	const struct scenario_task task = {.pid = number + 1, .comm = name};

	scenario_exit(scenario, (struct dz_exit){.task = scenario_task(scenario, &task),
						 .exit_code = 1 + number % 3});
}

static void add_crash(struct scenario *scenario, uint32_t number, const char *name)
{
	const struct scenario_task task = {.pid = number + 1, .comm = name};
	const uint64_t reference = scenario_task(scenario, &task);

	scenario_signal(scenario, (struct dz_signal){.task = reference,
						     .receiver = reference,
						     .signal = 11,
						     .code = 1,
						     .source = DZ_SIGNAL_SOURCE_FAULT});
	scenario_exit(scenario, (struct dz_exit){.task = reference, .signal = 11});
}

void scenario_names(struct scenario *scenario)
{
	for (uint32_t i = 0; i < NAMES; i++) {
		char name[16];

		snprintf(name, sizeof(name), "w%u", i);
		if (i == CRASH)
			add_crash(scenario, i, name);
		else
			add_failure(scenario, i, name);
	}
}

/* Names of letters, so that none is equal to another one. */
void scenario_kinds(struct scenario *scenario)
{
	for (uint32_t i = 0; i < KINDS; i++) {
		char name[16] = "kind-";
		uint32_t rest = i;

		for (size_t at = 5; at < 10; at++) {
			name[at] = (char)('a' + rest % 26);
			rest /= 26;
		}
		add_failure(scenario, i, name);
	}
	add_crash(scenario, KINDS, "last");
}

/* Frames of a stack share what is above them with many others, as in programs. */
static void make_stack(char *text, size_t capacity, uint32_t number)
{
	size_t used = 0;
	uint32_t rest = number;

	for (uint32_t depth = 0; depth < DEPTH; depth++) {
		uint32_t function = (depth * 211 + rest % 7 * 31) % FUNCTIONS;

		used += (size_t)snprintf(text + used, capacity - used, "%sservice_function_%u",
					 depth > 0 ? ";" : "", function);
		rest /= 7;
	}
}

void scenario_stacks(struct scenario *scenario)
{
	const struct scenario_task task = {
		.pid = 1000, .comm = "service", .cgroup = "/system.slice/service"};

	for (uint32_t i = 0; i < STACKS; i++) {
		char text[DEPTH * 32];

		make_stack(text, sizeof(text), i);
		scenario_probe(scenario,
			       (struct dz_probe){
				       .task = scenario_task(scenario, &task),
				       .probe = scenario_text(scenario, "kretprobe:vfs_read"),
				       .latency = 1000 + i % 977,
				       .user_stack = scenario_stack(scenario, text),
			       });
	}
}
