/* tests/record/privilege/test_cpu_hotplug.c - record/privilege/cpu_hotplug.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/privilege/cpu_hotplug.h"

/* It looks at least as often. */
#define LOOK_NS UINT64_C(10000000000)

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
		assert_false(cpu_hotplug_poll(events, i * LOOK_NS));
	}
	assert_int_equal(cpu_hotplug_arrivals(events, 0), 0);
	cpu_hotplug_end(events);
}

/* Has the kernel send the message of an event. Returns false without the privilege. */
static bool send_message(const char *action)
{
	int fd = open("/sys/devices/system/cpu/cpu0/uevent", O_WRONLY | O_CLOEXEC);
	bool sent = fd >= 0 && write(fd, action, strlen(action)) == (ssize_t)strlen(action);

	if (fd >= 0)
		(void)close(fd);
	return sent;
}

static bool has_message(const struct cpu_hotplug *events)
{
	struct pollfd ready = {.fd = cpu_hotplug_descriptor(events), .events = POLLIN};

	return poll(&ready, 1, 0) == 1;
}

/* Without waiting for the next look, and whatever the look would find. */
static void a_cpu_that_the_kernel_reports_has_arrived(void **state)
{
	struct cpu_hotplug *events = start();
	int fd = cpu_hotplug_open(events, &dummy, 0);

	(void)state;
	if (fd < 0 || cpu_hotplug_descriptor(events) < 0 || !send_message("change")) {
		cpu_hotplug_end(events);
		skip();
	}
	(void)close(fd);
	assert_false(cpu_hotplug_poll(events, LOOK_NS));
	assert_false(has_message(events));
	assert_true(send_message("online"));
	assert_true(has_message(events));
	cpu_hotplug_take_messages(events);
	assert_false(has_message(events));
	assert_true(cpu_hotplug_poll(events, LOOK_NS + 1));
	assert_int_equal(cpu_hotplug_arrivals(events, 0), 1);
	assert_false(cpu_hotplug_poll(events, LOOK_NS + 2));
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
		cmocka_unit_test(a_cpu_that_the_kernel_reports_has_arrived),
		cmocka_unit_test(the_helper_process_ends_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
