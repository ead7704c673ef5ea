/* tests/record/common/test_fd_limit.c - record/common/fd_limit.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>

#include "bpf/event.h"
#include "record/common/fd_limit.h"

static struct rlimit limit_now(void)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	return limit;
}

static void a_lowered_limit_is_raised(void **state)
{
	const struct rlimit before = limit_now();
	const struct rlimit low = {.rlim_cur = 100, .rlim_max = before.rlim_max};

	(void)state;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	assert_true(fd_limit_raise() >= before.rlim_max);
	assert_true(limit_now().rlim_cur >= before.rlim_max);
}

/* Without the privilege to raise it, the limit stays that of the system. */
static void a_limit_of_the_system_stays_or_fits_every_probe(void **state)
{
	const struct rlimit low = {.rlim_cur = 90, .rlim_max = 100};
	size_t raised;

	(void)state;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	raised = fd_limit_raise();
	assert_true(raised == 100 || raised > 4 * PROBES_MAX);
	assert_int_equal(limit_now().rlim_cur, raised);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lowered_limit_is_raised),
		cmocka_unit_test(a_limit_of_the_system_stays_or_fits_every_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
