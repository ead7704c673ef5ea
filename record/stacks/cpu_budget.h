/* record/stacks/cpu_budget.h - a share of one CPU, saved up to a limit */
#ifndef RECORD_STACKS_CPU_BUDGET_H
#define RECORD_STACKS_CPU_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct cpu_budget {
	unsigned int percent; /* 1 to 100 */
	uint64_t saved_max_ns;
	int64_t saved_ns; /* negative after work that took more than there was */
	uint64_t time_ns; /* of the last update */
};

/* Starts with all that can be saved. */
void cpu_budget_init(struct cpu_budget *budget, unsigned int percent, uint64_t saved_max_ns,
		     uint64_t now_ns);

/* Takes off what was used; more than there is makes a debt. */
void cpu_budget_spend(struct cpu_budget *budget, uint64_t cpu_ns);

/* Whether at least so much could be spent at once. */
bool cpu_budget_has(struct cpu_budget *budget, uint64_t cpu_ns, uint64_t now_ns);

/* How long to wait from `now_ns` until there is anything to spend; 0 if there is. */
uint64_t cpu_budget_wait_ns(struct cpu_budget *budget, uint64_t now_ns);

#endif
