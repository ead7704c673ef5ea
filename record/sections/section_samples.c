/* record/sections/section_samples.c - samples of sections: a clock event on each CPU
 */
#include "record/sections/section_samples.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/event.h"
#include "diag.skel.h"
#include "record/common/clock.h"

/* Much longer than a sample takes on any machine. */
#define MEASURE_PERIOD_NS 2000000u
#define MEASURE_COUNT     25u
#define MEASURE_COUNT_MIN 5u
#define MEASURE_MAX_NS    1000000000u
#define MEASURE_STACK     16384u /* bytes of stack that a sample copies */

static struct perf_event_attr clock_attributes(uint64_t period_ns)
{
	return (struct perf_event_attr){
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(struct perf_event_attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = period_ns,
		.disabled = 1,
		.exclude_idle = 1,
	};
}

static int open_clock(int cpu, uint64_t period_ns)
{
	struct perf_event_attr attributes = clock_attributes(period_ns);

	return (int)syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

/* The link takes ownership of the descriptor. */
static struct bpf_link *attach_to(struct diag_bpf *skeleton, int fd)
{
	struct bpf_link *link = bpf_program__attach_perf_event(skeleton->progs.sect_sample, fd);

	if (!link)
		(void)close(fd);
	return link;
}

/* Reads the clock in a loop. If the count of samples has grown by one between two readings, their
 * difference is the time that the sample took. */
static size_t measure(struct diag_bpf *skeleton, uint64_t costs_ns[static MEASURE_COUNT])
{
	volatile uint32_t *samples = &skeleton->bss->section_samples_measured;
	uint64_t begin_ns = clock_boottime_ns();
	uint64_t before_ns = begin_ns, earlier_ns = begin_ns;
	uint32_t seen = *samples;
	size_t count = 0;

	while (count < MEASURE_COUNT && before_ns - begin_ns < MEASURE_MAX_NS) {
		uint32_t sampled = *samples;
		uint64_t now_ns = clock_boottime_ns();

		if (sampled == seen + 1)
			costs_ns[count++] = now_ns - earlier_ns;
		seen = sampled;
		earlier_ns = before_ns;
		before_ns = now_ns;
	}
	return count;
}

/* Measures with as much stack as a sample can copy. */
static __attribute__((noinline)) size_t measure_deep(struct diag_bpf *skeleton,
						     uint64_t costs_ns[static MEASURE_COUNT])
{
	volatile uint8_t stack[MEASURE_STACK];
	size_t count;

	for (size_t i = 0; i < sizeof(stack); i++)
		stack[i] = 1;
	count = measure(skeleton, costs_ns);
	return stack[0] ? count : 0;
}

uint64_t section_samples_measure_ns(struct diag_bpf *skeleton)
{
	uint64_t costs_ns[MEASURE_COUNT];
	int cpu = sched_getcpu();
	struct bpf_link *link;
	cpu_set_t before, only;
	size_t count = 0;
	int fd;

	CPU_ZERO(&only);
	if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(before), &before) != 0)
		return 0;
	CPU_SET((size_t)cpu, &only);
	fd = open_clock(cpu, MEASURE_PERIOD_NS);
	link = fd >= 0 ? attach_to(skeleton, fd) : NULL;
	if (link && sched_setaffinity(0, sizeof(only), &only) == 0) {
		count = measure_deep(skeleton, costs_ns);
		(void)sched_setaffinity(0, sizeof(before), &before);
	}
	bpf_link__destroy(link);
	return count < MEASURE_COUNT_MIN ? 0 : section_timer_cost_ns(costs_ns, count);
}

bool section_samples_attach(struct section_samples *samples, struct diag_bpf *skeleton,
			    struct links *links, uint64_t period_ns)
{
	const struct perf_event_attr attributes = clock_attributes(period_ns);

	samples->skeleton = skeleton;
	if (!perf_events_attach(&samples->events, skeleton->progs.sect_sample, &attributes, links))
		return false;
	samples->period_ns = period_ns;
	return true;
}

void section_samples_follow_cpus(struct section_samples *samples, struct cpu_hotplug *cpus)
{
	perf_events_follow_cpus(&samples->events, cpus);
	if (samples->is_on)
		perf_events_switch(&samples->events, PERF_EVENT_IOC_ENABLE);
}

/* A section can start at any time. Either the BPF program sees that samples are off and requests
 * them, or this function sees the open thread. Both sides have a barrier between their write and
 * read. */
static bool can_switch_off(struct section_samples *samples)
{
	struct diag_bpf__bss *shared = samples->skeleton->bss;

	__atomic_store_n(&shared->section_sampling, SECTION_SAMPLING_OFF, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(&shared->section_open_threads, __ATOMIC_SEQ_CST) == 0;
}

void section_samples_switch(struct section_samples *samples, uint64_t now_ns)
{
	struct diag_bpf__bss *shared;
	bool is_busy, must_be_on;

	if (samples->events.cpu_count == 0)
		return;
	shared = samples->skeleton->bss;
	is_busy =
		shared->section_open_threads || shared->section_sampling == SECTION_SAMPLING_ASKED;
	must_be_on =
		section_timer_update(&samples->timer, is_busy, shared->sections_started, now_ns);
	if (must_be_on == samples->is_on)
		return;
	if (!must_be_on && can_switch_off(samples)) {
		perf_events_switch(&samples->events, PERF_EVENT_IOC_DISABLE);
		samples->is_on = false;
		return;
	}
	__atomic_store_n(&shared->section_sampling, SECTION_SAMPLING_ON, __ATOMIC_SEQ_CST);
	if (!samples->is_on)
		perf_events_switch(&samples->events, PERF_EVENT_IOC_ENABLE);
	samples->is_on = true;
}

void section_samples_release(struct section_samples *samples)
{
	perf_events_release(&samples->events);
	*samples = (struct section_samples){0};
}
