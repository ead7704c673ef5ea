/* record/privilege/cpu_hotplug.c - perf events on CPUs that come online during a recording */
#include "record/privilege/cpu_hotplug.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record/privilege/helper_process.h"
#include "record/privilege/privileges.h"

#define POLL_NS 500000000u

/* The event to open. A negative CPU ends the helper process. */
struct request {
	struct perf_event_attr attributes;
	int cpu;
};

/* Comes with a descriptor if the error is 0. */
struct answer {
	int error;
};

/* A dummy event, which runs only while its CPU is online. */
struct witness {
	int fd;           /* -1: the CPU is offline */
	uint64_t seen_ns; /* time that the event had been enabled at the last poll */
	uint32_t arrivals;
};

struct cpu_hotplug {
	struct helper_process process;
	struct witness *witnesses; /* by CPU */
	int cpu_count;
	uint64_t polled_ns;
};

static const struct perf_event_attr witness_attributes = {
	.size = sizeof(witness_attributes),
	.type = PERF_TYPE_SOFTWARE,
	.config = PERF_COUNT_SW_DUMMY,
	.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED,
};

static int open_event(const struct perf_event_attr *attributes, int cpu)
{
	return (int)syscall(SYS_perf_event_open, attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

/* Only software events: a compromised recorder must not get at hardware events. */
static bool handle(int socket, const struct request *request)
{
	struct answer answer = {.error = EINVAL};
	int fd = -1;
	bool sent;

	if (request->cpu < 0)
		return false;
	if (request->attributes.type == PERF_TYPE_SOFTWARE) {
		fd = open_event(&request->attributes, request->cpu);
		answer.error = fd < 0 ? errno : 0;
	}
	sent = helper_process_send(socket, &answer, sizeof(answer), &fd, fd >= 0);
	if (fd >= 0)
		(void)close(fd);
	return sent;
}

static void serve(void *context, int socket)
{
	struct request request;

	(void)context;
	while (helper_process_receive(socket, &request, sizeof(request), NULL, 0) &&
	       handle(socket, &request))
		;
}

int cpu_hotplug_open(struct cpu_hotplug *hotplug, const struct perf_event_attr *attributes, int cpu)
{
	const struct request request = {.attributes = *attributes, .cpu = cpu};
	const int socket = hotplug->process.socket;
	struct answer answer = {.error = 0};
	int fd = -1;

	if (!helper_process_send(socket, &request, sizeof(request), NULL, 0) ||
	    !helper_process_receive(socket, &answer, sizeof(answer), &fd, 1)) {
		helper_process_give_up(&hotplug->process);
		answer.error = EPIPE;
	}
	if (fd < 0)
		errno = answer.error ? answer.error : EPIPE;
	return fd;
}

bool cpu_hotplug_start(struct cpu_hotplug **ret_hotplug, struct problem *ret_problem)
{
	const struct helper_process_role role = {
		.name = "diag-cpus",
		.purpose = "CPU events",
		.keep_privileges = privileges_keep_events,
		.serve = serve,
	};
	struct cpu_hotplug *hotplug = calloc(1, sizeof(*hotplug));
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (!hotplug)
		return problem_set(ret_problem, "out of memory");
	hotplug->cpu_count = cpus > 0 ? (int)cpus : 1;
	hotplug->witnesses = calloc((size_t)hotplug->cpu_count, sizeof(hotplug->witnesses[0]));
	if (!hotplug->witnesses)
		problem_set(ret_problem, "out of memory");
	if (!hotplug->witnesses || !helper_process_start(&role, &hotplug->process, ret_problem)) {
		free(hotplug->witnesses);
		free(hotplug);
		return false;
	}
	/* If the kernel refuses these events, it also refuses the ones that depend on them. */
	for (int cpu = 0; cpu < hotplug->cpu_count; cpu++)
		hotplug->witnesses[cpu].fd = open_event(&witness_attributes, cpu);
	*ret_hotplug = hotplug;
	return true;
}

/* The time of an event stops when its CPU goes offline, and does not continue when it comes back.
 */
static bool is_online(struct witness *witness)
{
	uint64_t values[2];
	bool is_running;

	if (witness->fd < 0)
		return false;
	is_running = read(witness->fd, values, sizeof(values)) == (ssize_t)sizeof(values) &&
		     values[1] != witness->seen_ns;
	if (is_running) {
		witness->seen_ns = values[1];
		return true;
	}
	(void)close(witness->fd);
	*witness = (struct witness){.fd = -1, .arrivals = witness->arrivals};
	return false;
}

bool cpu_hotplug_poll(struct cpu_hotplug *hotplug, uint64_t now_ns)
{
	bool arrived = false;
	long online, seen = 0;

	if (now_ns - hotplug->polled_ns < POLL_NS)
		return false;
	hotplug->polled_ns = now_ns;
	online = sysconf(_SC_NPROCESSORS_ONLN);
	for (int cpu = 0; cpu < hotplug->cpu_count; cpu++)
		seen += is_online(&hotplug->witnesses[cpu]);
	for (int cpu = 0; cpu < hotplug->cpu_count && seen < online; cpu++) {
		struct witness *witness = &hotplug->witnesses[cpu];

		if (witness->fd >= 0)
			continue;
		witness->fd = cpu_hotplug_open(hotplug, &witness_attributes, cpu);
		witness->arrivals += witness->fd >= 0;
		seen += witness->fd >= 0;
		arrived = arrived || witness->fd >= 0;
	}
	return arrived;
}

uint32_t cpu_hotplug_arrivals(const struct cpu_hotplug *hotplug, int cpu)
{
	return cpu >= 0 && cpu < hotplug->cpu_count ? hotplug->witnesses[cpu].arrivals : 0;
}

void cpu_hotplug_watch(struct cpu_hotplug *hotplug)
{
	if (hotplug)
		(void)helper_process_watch(&hotplug->process, "CPUs",
					   "stacks on CPUs that come online can be missing");
}

void cpu_hotplug_end(struct cpu_hotplug *hotplug)
{
	const struct request end = {.cpu = -1};

	if (!hotplug)
		return;
	(void)helper_process_send(hotplug->process.socket, &end, sizeof(end), NULL, 0);
	helper_process_end(&hotplug->process);
	for (int cpu = 0; cpu < hotplug->cpu_count; cpu++) {
		if (hotplug->witnesses[cpu].fd >= 0)
			(void)close(hotplug->witnesses[cpu].fd);
	}
	free(hotplug->witnesses);
	free(hotplug);
}
