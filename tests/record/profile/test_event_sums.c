/* tests/record/profile/test_event_sums.c - record/profile/event_sums.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record/profile/event_sums.h"

#define CPUS     2u
#define CELLS    4u
#define SECOND   UINT64_C(1000000000)
#define TAKEN_NO 8

static struct sum_cell cells[2 * CPUS * CELLS];
static struct sum_mark marks[CPUS];
static volatile __u64 generation;

struct taken {
	size_t count;
	size_t max; /* stops after so many */
	uint64_t samples[TAKEN_NO];
	size_t sizes[TAKEN_NO];
};

static bool take(void *context, const void *record, size_t size)
{
	struct taken *taken = context;
	const struct event_cpu *event = record;

	assert_true(taken->count < TAKEN_NO);
	taken->samples[taken->count] = event->count;
	taken->sizes[taken->count++] = size;
	return taken->count < taken->max;
}

static struct event_sums sums_of_cells(void)
{
	memset(cells, 0, sizeof(cells));
	memset(marks, 0, sizeof(marks));
	generation = 0;
	return (struct event_sums){
		.tables = {{.cells = cells, .marks = marks, .cells_per_cpu = CELLS}},
		.count = 1,
		.cpus = CPUS,
		.generation = &generation,
	};
}

static void fill(size_t index, uint64_t count, uint8_t frames)
{
	const struct event_cpu event = {
		.header = {.kind = EVENT_CPU, .kernel_frame_count = frames},
		.count = count,
	};

	cells[index].key = 1;
	memcpy(cells[index].record, &event, sizeof(event));
}

static void a_cpu_has_as_many_cells_as_samples(void **state)
{
	(void)state;
	assert_int_equal(event_sums_cells_for(1), SUM_CELLS_MIN);
	assert_int_equal(event_sums_cells_for(99), 128);
	assert_int_equal(event_sums_cells_for(999), 1024);
	assert_int_equal(event_sums_cells_for(UINT64_MAX), SUM_CELLS_MAX);
}

static void nothing_is_added_up_without_tables(void **state)
{
	struct event_sums none = {0};

	(void)state;
	assert_false(event_sums_turn(&none, SECOND));
	assert_true(event_sums_read_all(&none, take, NULL));
}

static void an_older_generation_is_read_and_freed(void **state)
{
	struct event_sums sums = sums_of_cells();
	struct taken taken = {.max = TAKEN_NO};

	(void)state;
	fill(1, 5, 0);
	fill(CPUS * CELLS - 1, 7, 3);
	assert_false(event_sums_turn(&sums, SECOND - 1));
	assert_true(event_sums_turn(&sums, SECOND));
	assert_int_equal(generation, 1);
	fill(CPUS * CELLS, 9, 0);
	assert_true(event_sums_read(&sums, take, &taken));
	assert_int_equal(taken.count, 2);
	assert_int_equal(taken.samples[0] + taken.samples[1], 12);
	assert_int_equal(taken.sizes[1], sizeof(struct event_cpu) + 3 * 8);
	assert_int_equal(cells[1].key, 0);
	assert_int_equal(cells[CPUS * CELLS].key, 1);
	/* Only a second later is it the other one's turn. */
	assert_false(event_sums_turn(&sums, SECOND + 1));
}

static void a_program_that_runs_is_waited_for(void **state)
{
	struct event_sums sums = sums_of_cells();

	(void)state;
	marks[1].busy = 1;
	assert_false(event_sums_turn(&sums, SECOND));
	assert_false(event_sums_turn(&sums, 3 * SECOND));
	assert_int_equal(generation, 1);
	marks[1].busy = 0;
	assert_true(event_sums_turn(&sums, 3 * SECOND));
	assert_int_equal(generation, 1);
}

/* Each CPU needs to be quiet once, not all of them at the same time. */
static void a_cpu_that_was_quiet_is_not_waited_for(void **state)
{
	struct event_sums sums = sums_of_cells();

	(void)state;
	marks[1].busy = 1;
	assert_false(event_sums_turn(&sums, SECOND));
	marks[0].busy = 1;
	marks[1].busy = 0;
	assert_true(event_sums_turn(&sums, SECOND));
	/* Each change begins anew. */
	assert_true(event_sums_read(&sums, take, NULL));
	assert_false(event_sums_turn(&sums, 2 * SECOND));
}

static void a_reader_can_sleep_until_the_next_change(void **state)
{
	struct event_sums none = {0}, sums = sums_of_cells();

	(void)state;
	assert_true(event_sums_wait_ns(&none, SECOND) == UINT64_MAX);
	assert_int_equal(event_sums_wait_ns(&sums, SECOND - 5), 5);
	assert_int_equal(event_sums_wait_ns(&sums, SECOND + 5), 0);
	marks[1].busy = 1;
	assert_false(event_sums_turn(&sums, SECOND));
	/* Sooner, if a program runs. */
	assert_in_range(event_sums_wait_ns(&sums, SECOND), 1, SECOND / 10);
	marks[1].busy = 0;
	assert_true(event_sums_turn(&sums, SECOND + 7));
	assert_true(event_sums_read(&sums, take, NULL));
	assert_int_equal(event_sums_wait_ns(&sums, SECOND + 7), SECOND - 7);
}

static void at_the_end_both_generations_are_read(void **state)
{
	struct event_sums sums = sums_of_cells();
	struct taken taken = {.max = TAKEN_NO};

	(void)state;
	fill(0, 1, 0);
	fill(CPUS * CELLS + 2, 1, 0);
	assert_true(event_sums_read_all(&sums, take, &taken));
	assert_int_equal(taken.count, 2);
}

static void a_consumer_can_stop(void **state)
{
	struct event_sums sums = sums_of_cells();
	struct taken taken = {.max = 1};

	(void)state;
	fill(0, 1, 0);
	fill(1, 1, 0);
	assert_false(event_sums_read_all(&sums, take, &taken));
	assert_int_equal(taken.count, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cpu_has_as_many_cells_as_samples),
		cmocka_unit_test(nothing_is_added_up_without_tables),
		cmocka_unit_test(an_older_generation_is_read_and_freed),
		cmocka_unit_test(a_program_that_runs_is_waited_for),
		cmocka_unit_test(a_cpu_that_was_quiet_is_not_waited_for),
		cmocka_unit_test(a_reader_can_sleep_until_the_next_change),
		cmocka_unit_test(at_the_end_both_generations_are_read),
		cmocka_unit_test(a_consumer_can_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
