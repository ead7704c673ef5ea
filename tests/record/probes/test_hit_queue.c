/* tests/record/probes/test_hit_queue.c - record/probes/hit_queue.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record/probes/hit_queue.h"

#define CPUS 3u
#define ROOM 4u

struct kernel {
	struct probe_cpu cpus[CPUS];
	struct probe_queued hits[CPUS * ROOM];
};

struct reader {
	struct event_probe_brief taken[32];
	size_t count;
	size_t stop_after;
};

static bool take(void *context, const void *record, size_t size)
{
	struct reader *reader = context;

	assert_int_equal(size, sizeof(reader->taken[0]));
	memcpy(&reader->taken[reader->count++], record, size);
	return reader->count != reader->stop_after;
}

static void hit(struct kernel *kernel, uint32_t cpu, uint64_t time_ns, uint32_t task)
{
	struct probe_cpu *own = &kernel->cpus[cpu];

	assert_true(own->produced - own->consumed < ROOM);
	kernel->hits[cpu * ROOM + own->produced % ROOM] =
		(struct probe_queued){.time_ns = time_ns, .task = task, .stack = 7, .probe = 1};
	own->produced++;
}

static struct hit_queue *queue_of(struct kernel *kernel)
{
	const struct hit_queue_memory memory = {kernel->cpus, kernel->hits, CPUS, ROOM};

	return hit_queue_new(&memory);
}

static void hits_of_all_cpus_come_in_order_of_time(void **state)
{
	struct kernel kernel = {0};
	struct reader reader = {0};
	struct hit_queue *queue = queue_of(&kernel);

	(void)state;
	hit(&kernel, 0, 10, 1);
	hit(&kernel, 0, 40, 2);
	hit(&kernel, 2, 20, 3);
	hit(&kernel, 2, 30, 4);
	hit(&kernel, 1, 25, 5);
	hit_queue_look(queue);
	assert_true(hit_queue_read(queue, take, &reader));
	assert_int_equal(reader.count, 5);
	for (size_t i = 1; i < reader.count; i++)
		assert_true(reader.taken[i - 1].header.time_ns < reader.taken[i].header.time_ns);
	assert_int_equal(reader.taken[2].task, 5);
	assert_int_equal(reader.taken[2].header.cpu, 1);
	assert_int_equal(reader.taken[2].header.kind, EVENT_PROBE_BRIEF);
	assert_int_equal(reader.taken[2].stack, 7);
	assert_int_equal(reader.taken[2].probe, 1);
	hit_queue_free(queue);
}

static void a_queue_wraps_around_and_its_entries_are_freed(void **state)
{
	struct kernel kernel = {0};
	struct reader reader = {0};
	struct hit_queue *queue = queue_of(&kernel);

	(void)state;
	for (uint32_t i = 0; i < 6; i++) {
		hit(&kernel, 1, 2 * i, 2 * i);
		hit(&kernel, 1, 2 * i + 1, 2 * i + 1);
		hit_queue_look(queue);
		assert_true(hit_queue_read(queue, take, &reader));
		assert_int_equal(kernel.cpus[1].consumed, kernel.cpus[1].produced);
	}
	assert_int_equal(reader.count, 12);
	for (uint32_t i = 0; i < 12; i++)
		assert_int_equal(reader.taken[i].task, i);
	hit_queue_free(queue);
}

static void hits_after_the_look_wait_for_the_next_one(void **state)
{
	struct kernel kernel = {0};
	struct reader reader = {0};
	struct hit_queue *queue = queue_of(&kernel);

	(void)state;
	hit(&kernel, 0, 1, 1);
	hit_queue_look(queue);
	hit(&kernel, 0, 2, 2);
	assert_true(hit_queue_read(queue, take, &reader));
	assert_int_equal(reader.count, 1);
	hit_queue_look(queue);
	assert_true(hit_queue_read(queue, take, &reader));
	assert_int_equal(reader.count, 2);
	hit_queue_free(queue);
}

static void a_reader_that_stops_loses_nothing_that_it_did_not_take(void **state)
{
	struct kernel kernel = {0};
	struct reader reader = {.stop_after = 2};
	struct hit_queue *queue = queue_of(&kernel);

	(void)state;
	for (uint32_t i = 0; i < ROOM; i++)
		hit(&kernel, 0, i, i);
	hit_queue_look(queue);
	assert_false(hit_queue_read(queue, take, &reader));
	assert_int_equal(kernel.cpus[0].consumed, 2);
	hit_queue_look(queue);
	assert_true(hit_queue_read(queue, take, &reader));
	assert_int_equal(reader.count, ROOM);
	hit_queue_free(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hits_of_all_cpus_come_in_order_of_time),
		cmocka_unit_test(a_queue_wraps_around_and_its_entries_are_freed),
		cmocka_unit_test(hits_after_the_look_wait_for_the_next_one),
		cmocka_unit_test(a_reader_that_stops_loses_nothing_that_it_did_not_take),
	};

	return cmocka_run_group_tests_name("record/hit_queue", tests, NULL, NULL);
}
