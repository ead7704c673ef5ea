/* record/kernel/perf_events.c - a perf event on each CPU that runs a BPF program */
#include "record/kernel/perf_events.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "record/privilege/cpu_hotplug.h"

/* The link takes ownership of the descriptor. */
static bool attach_on(struct perf_events *events, const struct bpf_program *program, size_t cpu,
		      struct links *links)
{
	int fd = (int)syscall(SYS_perf_event_open, &events->attributes, -1, (int)cpu, -1,
			      PERF_FLAG_FD_CLOEXEC);
	struct bpf_link *link = fd >= 0 ? bpf_program__attach_perf_event(program, fd) : NULL;

	if (fd >= 0 && !link)
		(void)close(fd);
	if (!links_add(links, link))
		return false;
	events->fds[cpu] = fd;
	/* Attaching enables an event. */
	if (events->attributes.disabled)
		(void)ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	return true;
}

bool perf_events_attach(struct perf_events *events, const struct bpf_program *program,
			const struct perf_event_attr *attributes, struct links *links)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	size_t attached = 0;
	int error;

	events->attributes = *attributes;
	events->program_fd = bpf_program__fd(program);
	events->cpu_count = cpus > 0 ? (size_t)cpus : 1;
	events->fds = calloc(events->cpu_count, sizeof(events->fds[0]));
	events->arrivals = calloc(events->cpu_count, sizeof(events->arrivals[0]));
	for (size_t cpu = 0; events->fds && events->arrivals && cpu < events->cpu_count; cpu++) {
		events->fds[cpu] = -1;
		attached += attach_on(events, program, cpu, links);
	}
	if (attached)
		return true;
	error = errno;
	perf_events_release(events);
	errno = error;
	return false;
}

/* An event that the links own stays open; it is dead and does no harm. */
static void close_event(struct perf_events *events, size_t cpu)
{
	if (events->fds[cpu] >= 0 && events->arrivals[cpu])
		(void)close(events->fds[cpu]);
	events->fds[cpu] = -1;
}

void perf_events_follow_cpus(struct perf_events *events, struct cpu_hotplug *cpus)
{
	for (size_t cpu = 0; cpu < events->cpu_count; cpu++) {
		uint32_t arrivals = cpu_hotplug_arrivals(cpus, (int)cpu);
		int fd;

		if (arrivals == events->arrivals[cpu])
			continue;
		close_event(events, cpu);
		fd = cpu_hotplug_open(cpus, &events->attributes, (int)cpu);
		if (fd >= 0 && ioctl(fd, PERF_EVENT_IOC_SET_BPF, events->program_fd) != 0) {
			(void)close(fd);
			fd = -1;
		}
		events->fds[cpu] = fd;
		events->arrivals[cpu] = arrivals;
	}
}

void perf_events_switch(const struct perf_events *events, unsigned long request)
{
	for (size_t cpu = 0; cpu < events->cpu_count; cpu++) {
		if (events->fds[cpu] >= 0)
			(void)ioctl(events->fds[cpu], request, 0);
	}
}

void perf_events_release(struct perf_events *events)
{
	for (size_t cpu = 0; events->fds && events->arrivals && cpu < events->cpu_count; cpu++)
		close_event(events, cpu);
	free(events->fds);
	free(events->arrivals);
	*events = (struct perf_events){0};
}
