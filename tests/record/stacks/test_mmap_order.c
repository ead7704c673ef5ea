/* tests/record/stacks/test_mmap_order.c - order of changes in record/stacks/mmap_tracker.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "record/privilege/cpu_hotplug.h"
#include "record/stacks/mmap_tracker.h"
#include "record/stacks/perf_ring.h"

/* A number that no process has. */
#define PID     0x7ffffff0u
#define BORN_NS 100u

#define RECORDS_MAX 8

/* What the stubs below report: CPU 0 has a ring with these records, and came online so often. */
static struct perf_record records[RECORDS_MAX];
static size_t record_count;
static uint32_t arrivals;

enum symbols_status perf_ring_open(int cpu, size_t data_bytes, struct cpu_hotplug *hotplug,
				   struct perf_ring *ret_ring)
{
	static char control;

	(void)data_bytes;
	(void)hotplug;
	if (cpu != 0) {
		errno = ENODEV;
		return SYMBOLS_IO;
	}
	*ret_ring = (struct perf_ring){.fd = eventfd(0, EFD_CLOEXEC), .control = (void *)&control};
	return ret_ring->fd >= 0 ? SYMBOLS_OK : SYMBOLS_IO;
}

void perf_ring_close(struct perf_ring *ring)
{
	if (ring->control)
		close(ring->fd);
	*ring = (struct perf_ring){.fd = -1};
}

bool perf_ring_is_full(const struct perf_ring *ring)
{
	(void)ring;
	return false;
}

bool perf_ring_drain(struct perf_ring *ring,
		     void (*visit)(void *context, const struct perf_record *record), void *context)
{
	(void)ring;
	for (size_t i = 0; i < record_count; i++)
		visit(context, &records[i]);
	record_count = 0;
	return true;
}

uint32_t cpu_hotplug_arrivals(const struct cpu_hotplug *hotplug, int cpu)
{
	(void)hotplug;
	return cpu == 0 ? arrivals : 0;
}

static void add(struct perf_record record)
{
	assert_true(record_count < RECORDS_MAX);
	record.pid = record.tid = PID;
	records[record_count++] = record;
}

static void add_birth(void)
{
	add((struct perf_record){
		.kind = PERF_RECORD_FORKED, .time_ns = BORN_NS, .parent_pid = PID - 1});
}

/* Maps a page of code at its time. */
static void add_mapping(uint64_t time_ns)
{
	add((struct perf_record){
		.kind = PERF_RECORD_MAPPED,
		.time_ns = time_ns,
		.start = time_ns << 12,
		.end = (time_ns + 1) << 12,
		.executable = true,
		.path = "//anon",
	});
}

static void assert_mapped(struct mmap_tracker *tracker, uint64_t time_ns, bool is_mapped)
{
	struct mapping_set *set = mmap_tracker_snapshot(tracker, PID, BORN_NS);

	assert_int_equal(set && mappings_find(&set->mappings, time_ns << 12), is_mapped);
	mapping_set_release(set);
}

static int begin(void **state)
{
	static const struct mmap_tracker_options options = {
		.ring_bytes = 1 << 16,
		.open_files_max = 512,
		.limits = {.processes = 4096, .memory_bytes = 16 << 20},
	};
	struct mmap_tracker *tracker;

	record_count = 0;
	arrivals = 0;
	if (mmap_tracker_open(&options, &tracker) != SYMBOLS_OK)
		return -1;
	*state = tracker;
	return 0;
}

static int end(void **state)
{
	mmap_tracker_close(*state);
	return 0;
}

static void changes_of_several_reads_are_applied_by_time(void **state)
{
	struct mmap_tracker *tracker = *state;

	add_mapping(300);
	mmap_tracker_read(tracker);
	add_mapping(200);
	add_birth();
	mmap_tracker_read(tracker);
	mmap_tracker_advance(tracker, 250);
	assert_mapped(tracker, 200, true);
	assert_mapped(tracker, 300, false);
	mmap_tracker_advance(tracker, 300);
	assert_mapped(tracker, 300, true);
}

static void the_rest_of_an_old_ring_is_applied_by_time(void **state)
{
	struct mmap_tracker *tracker = *state;

	add_birth();
	add_mapping(300);
	mmap_tracker_read(tracker);
	add_mapping(200);
	arrivals++;
	mmap_tracker_follow_cpus(tracker, NULL);
	mmap_tracker_advance(tracker, 250);
	assert_mapped(tracker, 200, true);
	assert_mapped(tracker, 300, false);
	mmap_tracker_advance(tracker, 300);
	assert_mapped(tracker, 300, true);
}

static void after_changes_were_applied_older_ones_still_come_first(void **state)
{
	struct mmap_tracker *tracker = *state;

	add_birth();
	add_mapping(400);
	mmap_tracker_read(tracker);
	mmap_tracker_advance(tracker, 150);
	add_mapping(300);
	mmap_tracker_read(tracker);
	mmap_tracker_advance(tracker, 350);
	assert_mapped(tracker, 300, true);
	assert_mapped(tracker, 400, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(changes_of_several_reads_are_applied_by_time, begin,
						end),
		cmocka_unit_test_setup_teardown(the_rest_of_an_old_ring_is_applied_by_time, begin,
						end),
		cmocka_unit_test_setup_teardown(
			after_changes_were_applied_older_ones_still_come_first, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
