/* record/privilege/cpu_hotplug.c - events of CPUs that come while a recording goes on */
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

/* A request: what to open and where. Without a CPU it is the end. */
struct request {
	struct perf_event_attr attributes;
	int cpu;
};

/* The answer to one, with a descriptor if the error is 0. */
struct answer {
	int error;
};

/* An event that counts nothing but the time that it is there. */
struct witness {
	int fd;           /* -1: the CPU is not there */
	uint64_t seen_ns; /* how long the event had been there at the last look */
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

/* Whoever has taken over the recorder gets no events of the hardware by this. */
static bool carry_out(int socket, const struct request *request)
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
	       carry_out(socket, &request))
		;
}

int cpu_hotplug_open(struct cpu_hotplug *events, const struct perf_event_attr *attributes, int cpu)
{
	const struct request request = {.attributes = *attributes, .cpu = cpu};
	const int socket = events->process.socket;
	struct answer answer = {.error = 0};
	int fd = -1;

	if (!helper_process_send(socket, &request, sizeof(request), NULL, 0) ||
	    !helper_process_receive(socket, &answer, sizeof(answer), &fd, 1) || fd < 0)
		errno = answer.error ? answer.error : EPIPE;
	return fd;
}

bool cpu_hotplug_start(struct cpu_hotplug **ret_events, struct problem *ret_problem)
{
	const struct helper_process_role role = {
		.name = "diag-cpus",
		.purpose = "events of CPUs",
		.keep_rights = privileges_keep_events,
		.serve = serve,
	};
	struct cpu_hotplug *events = calloc(1, sizeof(*events));
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (!events)
		return problem_set(ret_problem, "out of memory");
	events->cpu_count = cpus > 0 ? (int)cpus : 1;
	events->witnesses = calloc((size_t)events->cpu_count, sizeof(events->witnesses[0]));
	if (!events->witnesses)
		problem_set(ret_problem, "out of memory");
	if (!events->witnesses || !helper_process_start(&role, &events->process, ret_problem)) {
		free(events->witnesses);
		free(events);
		return false;
	}
	/* Where these are refused, so is what they are to watch over. */
	for (int cpu = 0; cpu < events->cpu_count; cpu++)
		events->witnesses[cpu].fd = open_event(&witness_attributes, cpu);
	*ret_events = events;
	return true;
}

/* The time of an event stands still when its CPU has gone, also when that is back. */
static bool is_there(struct witness *witness)
{
	uint64_t values[2];
	bool is_there;

	if (witness->fd < 0)
		return false;
	is_there = read(witness->fd, values, sizeof(values)) == (ssize_t)sizeof(values) &&
		   values[1] != witness->seen_ns;
	if (is_there) {
		witness->seen_ns = values[1];
		return true;
	}
	(void)close(witness->fd);
	*witness = (struct witness){.fd = -1, .arrivals = witness->arrivals};
	return false;
}

bool cpu_hotplug_poll(struct cpu_hotplug *events, uint64_t now_ns)
{
	bool arrived = false;
	long online, there = 0;

	if (now_ns - events->polled_ns < POLL_NS)
		return false;
	events->polled_ns = now_ns;
	online = sysconf(_SC_NPROCESSORS_ONLN);
	for (int cpu = 0; cpu < events->cpu_count; cpu++)
		there += is_there(&events->witnesses[cpu]);
	for (int cpu = 0; cpu < events->cpu_count && there < online; cpu++) {
		struct witness *witness = &events->witnesses[cpu];

		if (witness->fd >= 0)
			continue;
		witness->fd = cpu_hotplug_open(events, &witness_attributes, cpu);
		witness->arrivals += witness->fd >= 0;
		there += witness->fd >= 0;
		arrived = arrived || witness->fd >= 0;
	}
	return arrived;
}

uint32_t cpu_hotplug_arrivals(const struct cpu_hotplug *events, int cpu)
{
	return cpu >= 0 && cpu < events->cpu_count ? events->witnesses[cpu].arrivals : 0;
}

void cpu_hotplug_end(struct cpu_hotplug *events)
{
	const struct request end = {.cpu = -1};

	if (!events)
		return;
	(void)helper_process_send(events->process.socket, &end, sizeof(end), NULL, 0);
	helper_process_end(&events->process);
	for (int cpu = 0; cpu < events->cpu_count; cpu++) {
		if (events->witnesses[cpu].fd >= 0)
			(void)close(events->witnesses[cpu].fd);
	}
	free(events->witnesses);
	free(events);
}
