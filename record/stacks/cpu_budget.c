/* record/stacks/cpu_budget.c - a share of one CPU, saved up to a limit */
#include "record/stacks/cpu_budget.h"

void cpu_budget_init(struct cpu_budget *budget, unsigned int percent, uint64_t saved_max_ns,
		     uint64_t now_ns)
{
	*budget = (struct cpu_budget){
		.percent = percent,
		.saved_max_ns = saved_max_ns,
		.saved_ns = (int64_t)saved_max_ns,
		.time_ns = now_ns,
	};
}

void cpu_budget_spend(struct cpu_budget *budget, uint64_t cpu_ns)
{
	budget->saved_ns -= (int64_t)cpu_ns;
}

/* Adds the share of the time since the last call. Time worth less than 1 ns of CPU stays for the
 * next call. */
static void earn(struct cpu_budget *budget, uint64_t now_ns)
{
	uint64_t earned_ns;

	if (now_ns <= budget->time_ns)
		return;
	earned_ns = (now_ns - budget->time_ns) * budget->percent / 100;
	budget->time_ns += earned_ns * 100 / budget->percent;
	budget->saved_ns += (int64_t)earned_ns;
	if (budget->saved_ns > (int64_t)budget->saved_max_ns)
		budget->saved_ns = (int64_t)budget->saved_max_ns;
}

bool cpu_budget_has(struct cpu_budget *budget, uint64_t cpu_ns, uint64_t now_ns)
{
	earn(budget, now_ns);
	return budget->saved_ns >= (int64_t)cpu_ns;
}

uint64_t cpu_budget_wait_ns(struct cpu_budget *budget, uint64_t now_ns)
{
	earn(budget, now_ns);
	if (budget->saved_ns > 0)
		return 0;
	return (uint64_t)(1 - budget->saved_ns) * 100 / budget->percent + 1;
}
