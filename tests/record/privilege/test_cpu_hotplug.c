/* tests/record/privilege/test_cpu_hotplug.c - record/privilege/cpu_hotplug.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/privilege/cpu_hotplug.h"

#define NS_PER_S UINT64_C(1000000000)

static const struct perf_event_attr dummy = {
	.size = sizeof(dummy),
	.type = PERF_TYPE_SOFTWARE,
	.config = PERF_COUNT_SW_DUMMY,
};

static struct cpu_hotplug *start(void)
{
	struct cpu_hotplug *events = NULL;
	struct problem problem = {""};

	if (!cpu_hotplug_start(&events, &problem))
		fail_msg("%s", problem.text);
	return events;
}

static void the_helper_process_opens_events(void **state)
{
	struct cpu_hotplug *events = start();
	int fd = cpu_hotplug_open(events, &dummy, 0);

	(void)state;
	/* A user without this privilege cannot record either. */
	if (fd < 0)
		assert_true(errno == EACCES || errno == EPERM || errno == ENODEV);
	else
		assert_int_equal(close(fd), 0);
	cpu_hotplug_end(events);
}

static void events_other_than_software_events_are_refused(void **state)
{
	const struct perf_event_attr hardware = {
		.size = sizeof(hardware),
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_CPU_CYCLES,
	};
	struct cpu_hotplug *events = start();

	(void)state;
	assert_int_equal(cpu_hotplug_open(events, &hardware, 0), -1);
	assert_int_equal(errno, EINVAL);
	cpu_hotplug_end(events);
}

static void a_cpu_that_cannot_exist_never_arrives(void **state)
{
	struct cpu_hotplug *events = start();

	(void)state;
	assert_int_equal(cpu_hotplug_open(events, &dummy, 1 << 20), -1);
	assert_int_equal(cpu_hotplug_arrivals(events, 1 << 20), 0);
	assert_int_equal(cpu_hotplug_arrivals(events, -1), 0);
	cpu_hotplug_end(events);
}

/* Polls several times. */
static void cpus_that_stay_online_do_not_arrive(void **state)
{
	const struct timespec pause = {.tv_nsec = 2000000};
	struct cpu_hotplug *events = start();

	(void)state;
	for (uint64_t i = 1; i <= 3; i++) {
		(void)nanosleep(&pause, NULL);
		assert_false(cpu_hotplug_poll(events, i * NS_PER_S));
	}
	assert_int_equal(cpu_hotplug_arrivals(events, 0), 0);
	cpu_hotplug_end(events);
}

static void the_helper_process_ends_at_the_end(void **state)
{
	(void)state;
	cpu_hotplug_end(start());
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	cpu_hotplug_end(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_helper_process_opens_events),
		cmocka_unit_test(events_other_than_software_events_are_refused),
		cmocka_unit_test(a_cpu_that_cannot_exist_never_arrives),
		cmocka_unit_test(cpus_that_stay_online_do_not_arrive),
		cmocka_unit_test(the_helper_process_ends_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
