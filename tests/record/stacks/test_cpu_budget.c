/* tests/record/stacks/test_cpu_budget.c - record/stacks/cpu_budget.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "record/stacks/cpu_budget.h"

#define NS_PER_MS UINT64_C(1000000)

static void saved_time_can_be_spent_at_once(void **state)
{
	struct cpu_budget budget;

	(void)state;
	cpu_budget_init(&budget, 25, 100 * NS_PER_MS, 0);
	cpu_budget_spend(&budget, 99 * NS_PER_MS);
	assert_int_equal(cpu_budget_wait_ns(&budget, 0), 0);
	cpu_budget_spend(&budget, NS_PER_MS);
	assert_true(cpu_budget_wait_ns(&budget, 0) > 0);
}

static void after_the_wait_there_is_something_to_spend(void **state)
{
	struct cpu_budget budget;
	uint64_t wait_ns;

	(void)state;
	cpu_budget_init(&budget, 7, 10 * NS_PER_MS, 0);
	cpu_budget_spend(&budget, 30 * NS_PER_MS);
	wait_ns = cpu_budget_wait_ns(&budget, 0);
	assert_true(wait_ns > 200 * NS_PER_MS);
	assert_true(cpu_budget_wait_ns(&budget, wait_ns / 2) > 0);
	assert_int_equal(cpu_budget_wait_ns(&budget, wait_ns), 0);
}

static void no_more_than_the_limit_is_saved(void **state)
{
	struct cpu_budget budget;

	(void)state;
	cpu_budget_init(&budget, 50, 10 * NS_PER_MS, 0);
	assert_int_equal(cpu_budget_wait_ns(&budget, 1000000 * NS_PER_MS), 0);
	cpu_budget_spend(&budget, 10 * NS_PER_MS);
	assert_true(cpu_budget_wait_ns(&budget, 1000000 * NS_PER_MS) > 0);
}

/* Frequent calls must not lose fractions. */
static void over_time_the_share_is_exact(void **state)
{
	struct cpu_budget budget;
	uint64_t now_ns = 0, used_ns = 0;

	(void)state;
	cpu_budget_init(&budget, 25, NS_PER_MS, 0);
	while (now_ns < 10000 * NS_PER_MS) {
		now_ns += 333;
		if (cpu_budget_wait_ns(&budget, now_ns) == 0) {
			cpu_budget_spend(&budget, 20000);
			used_ns += 20000;
		}
	}
	assert_in_range(used_ns, now_ns / 4 - NS_PER_MS, now_ns / 4 + 2 * NS_PER_MS);
}

static void the_saved_time_can_be_compared(void **state)
{
	struct cpu_budget budget;

	(void)state;
	cpu_budget_init(&budget, 50, 10 * NS_PER_MS, 0);
	cpu_budget_spend(&budget, 6 * NS_PER_MS);
	assert_true(cpu_budget_has(&budget, 4 * NS_PER_MS, 0));
	assert_false(cpu_budget_has(&budget, 5 * NS_PER_MS, 0));
	assert_true(cpu_budget_has(&budget, 5 * NS_PER_MS, 2 * NS_PER_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(saved_time_can_be_spent_at_once),
		cmocka_unit_test(after_the_wait_there_is_something_to_spend),
		cmocka_unit_test(no_more_than_the_limit_is_saved),
		cmocka_unit_test(the_saved_time_can_be_compared),
		cmocka_unit_test(over_time_the_share_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
