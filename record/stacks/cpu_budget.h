/* record/stacks/cpu_budget.h - a share of one CPU, saved up to a limit
 *
 * Example: percent is 25 and saved_max_ns is 1 s. At first 1 s of CPU time can be spent at once.
 * After 1.2 s were spent, saved_ns is -0.2 s. It grows by 250 ms in each second of real time, so
 * that cpu_budget_wait_ns() returns 0.8 s. After 4.8 s without work, the full second is saved
 * again.
 */
#ifndef RECORD_STACKS_CPU_BUDGET_H
#define RECORD_STACKS_CPU_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

struct cpu_budget {
	unsigned int percent; /* 1 to 100 */
	uint64_t saved_max_ns;
	int64_t saved_ns; /* negative: a debt */
	uint64_t time_ns; /* of the last update */
};

/* Starts with saved_max_ns. */
void cpu_budget_init(struct cpu_budget *budget, unsigned int percent, uint64_t saved_max_ns,
		     uint64_t now_ns);

/* Subtracts CPU time that was used; it can be more than was saved. */
void cpu_budget_spend(struct cpu_budget *budget, uint64_t cpu_ns);

/* Returns whether at least cpu_ns are saved. */
bool cpu_budget_has(struct cpu_budget *budget, uint64_t cpu_ns, uint64_t now_ns);

/* Returns how long to wait from now_ns until saved_ns is positive; 0 if it is. */
uint64_t cpu_budget_wait_ns(struct cpu_budget *budget, uint64_t now_ns);

#endif
