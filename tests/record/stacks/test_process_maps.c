/* tests/record/stacks/test_process_maps.c - record/stacks/process_maps.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "record/stacks/process_maps.h"

#define NS_PER_MS UINT64_C(1000000)

static struct process_maps *new_maps(struct process_maps_limits limits)
{
	struct process_maps *maps;

	assert_int_equal(process_maps_new(&limits, &maps), SYMBOLS_OK);
	return maps;
}

static int begin(void **state)
{
	*state = new_maps((struct process_maps_limits){.processes = 100, .memory_bytes = 1 << 20});
	return 0;
}

static int end(void **state)
{
	process_maps_free(*state);
	return 0;
}

static void map(struct process_maps *maps, uint64_t time_ns, uint32_t pid, uint64_t start)
{
	struct map_change change = {
		.time_ns = time_ns,
		.kind = PERF_RECORD_MAPPED,
		.pid = pid,
		.tid = pid,
		.executable = true,
		.mapping = {.start = start, .end = start + 0x1000, .kind = MAPPING_ANONYMOUS},
	};

	process_maps_apply(maps, &change);
}

static void unmap(struct process_maps *maps, uint64_t time_ns, uint32_t pid, uint64_t start)
{
	struct map_change change = {
		.time_ns = time_ns,
		.kind = PERF_RECORD_MAPPED,
		.pid = pid,
		.executable = false,
		.mapping = {.start = start, .end = start + 0x1000},
	};

	process_maps_apply(maps, &change);
}

static void execute(struct process_maps *maps, uint64_t time_ns, uint32_t pid)
{
	struct map_change change = {.time_ns = time_ns, .kind = PERF_RECORD_EXECUTED, .pid = pid};

	process_maps_apply(maps, &change);
}

static void end_thread(struct process_maps *maps, uint64_t time_ns, uint32_t pid, uint32_t tid)
{
	struct map_change change = {
		.time_ns = time_ns, .kind = PERF_RECORD_ENDED, .pid = pid, .tid = tid};

	process_maps_apply(maps, &change);
}

static void fork_task(struct process_maps *maps, uint64_t time_ns, uint32_t pid, uint32_t tid,
		      uint32_t parent)
{
	struct map_change change = {
		.time_ns = time_ns,
		.kind = PERF_RECORD_FORKED,
		.pid = pid,
		.tid = tid,
		.parent_pid = parent,
	};

	process_maps_apply(maps, &change);
}

static void fork_thread(struct process_maps *maps, uint64_t time_ns, uint32_t pid, uint32_t tid)
{
	fork_task(maps, time_ns, pid, tid, pid);
}

static void fork_process(struct process_maps *maps, uint64_t time_ns, uint32_t pid, uint32_t parent)
{
	fork_task(maps, time_ns, pid, pid, parent);
}

static void miss(struct process_maps *maps, uint64_t since_ns, uint64_t until_ns)
{
	struct map_change change = {
		.time_ns = since_ns, .until_ns = until_ns, .kind = PERF_RECORD_MISSED};

	process_maps_apply(maps, &change);
}

/* Process 10, with a mapping at 0x1000. */
static void find_process(struct process_maps *maps, uint64_t start_ns, uint64_t time_ns)
{
	struct mapping mapping = {.start = 0x1000, .end = 0x2000, .kind = MAPPING_ANONYMOUS};
	struct process_found found = {
		.pid = 10,
		.threads = 1,
		.start_ns = start_ns,
		.time_ns = time_ns,
		.set = mapping_set_new(10, process_maps_account(maps)),
	};

	assert_int_equal(mappings_add(&found.set->mappings, &mapping), SYMBOLS_OK);
	process_maps_add(maps, &found);
}

static bool has(struct process_maps *maps, uint32_t pid, uint64_t start_ns, uint64_t address)
{
	struct mapping_set *set = process_maps_snapshot(maps, pid, start_ns);
	bool found = set && mappings_find(&set->mappings, address);

	mapping_set_release(set);
	return found;
}

static void a_child_has_the_mappings_of_its_parent(void **state)
{
	struct process_maps *maps = *state;

	map(maps, 1, 10, 0x1000);
	fork_process(maps, 5, 11, 10);
	map(maps, 6, 10, 0x5000);
	map(maps, 7, 11, 0x9000);
	assert_true(has(maps, 11, 5, 0x1000));
	assert_false(has(maps, 11, 5, 0x5000));
	assert_true(has(maps, 11, 5, 0x9000));
	assert_false(has(maps, 10, 1, 0x9000));
}

static void a_child_that_maps_nothing_shares_its_parents_set(void **state)
{
	struct process_maps *maps = *state;
	struct mapping_set *parent, *child;

	map(maps, 1, 10, 0x1000);
	fork_process(maps, 5, 11, 10);
	parent = process_maps_snapshot(maps, 10, 1);
	child = process_maps_snapshot(maps, 11, 5);
	assert_ptr_equal(parent, child);
	mapping_set_release(parent);
	mapping_set_release(child);
}

static void a_snapshot_never_changes(void **state)
{
	struct process_maps *maps = *state;
	struct mapping_set *before, *after;

	map(maps, 1, 10, 0x1000);
	before = process_maps_snapshot(maps, 10, 1);
	map(maps, 2, 10, 0x3000);
	unmap(maps, 3, 10, 0x1000);
	after = process_maps_snapshot(maps, 10, 1);
	assert_non_null(mappings_find(&before->mappings, 0x1000));
	assert_null(mappings_find(&before->mappings, 0x3000));
	assert_null(mappings_find(&after->mappings, 0x1000));
	assert_true(before->version != after->version);
	mapping_set_release(before);
	mapping_set_release(after);
}

static void exec_removes_all_mappings(void **state)
{
	struct process_maps *maps = *state;

	map(maps, 1, 10, 0x1000);
	execute(maps, 2, 10);
	assert_false(has(maps, 10, 1, 0x1000));
	map(maps, 3, 10, 0x7000);
	assert_true(has(maps, 10, 1, 0x7000));
}

static void a_process_lives_as_long_as_its_last_thread(void **state)
{
	struct process_maps *maps = *state;
	struct process_maps_statistics statistics;

	fork_process(maps, 1, 10, 1);
	map(maps, 2, 10, 0x1000);
	fork_thread(maps, 3, 10, 12);
	end_thread(maps, 4, 10, 10);
	assert_true(has(maps, 10, 1, 0x1000));
	end_thread(maps, 5, 10, 12);
	assert_false(has(maps, 10, 1, 0x1000));
	process_maps_get_statistics(maps, &statistics);
	assert_int_equal(statistics.processes, 0);
	assert_int_equal(statistics.memory_bytes, 0);
}

static void a_reused_id_is_another_process(void **state)
{
	struct process_maps *maps = *state;
	const uint64_t first_ns = 1000 * NS_PER_MS, second_ns = 5000 * NS_PER_MS;

	fork_process(maps, first_ns, 10, 1);
	map(maps, first_ns + 1, 10, 0x1000);
	fork_process(maps, second_ns, 10, 1); /* the end of the first was missed */
	map(maps, second_ns + 1, 10, 0x2000);
	assert_false(has(maps, 10, second_ns, 0x1000));
	assert_true(has(maps, 10, second_ns, 0x2000));
	assert_false(has(maps, 10, first_ns, 0x2000));
}

static void a_start_with_the_precision_of_proc_is_the_same_process(void **state)
{
	struct process_maps *maps = *state;
	const uint64_t start_ns = 1234567890, found_ns = 1230000000;

	find_process(maps, found_ns, 2 * start_ns);
	assert_true(has(maps, 10, start_ns, 0x1000));
	assert_false(has(maps, 10, start_ns + 3000 * NS_PER_MS, 0x1000));
}

static void what_a_scan_has_seen_is_not_undone_by_older_records(void **state)
{
	struct process_maps *maps = *state;

	find_process(maps, 1, 100);
	execute(maps, 50, 10);
	assert_true(has(maps, 10, 1, 0x1000));
	execute(maps, 150, 10);
	assert_false(has(maps, 10, 1, 0x1000));
}

static void mappings_from_before_a_miss_are_unknown(void **state)
{
	struct process_maps *maps = *state;

	execute(maps, 1, 10);
	map(maps, 2, 10, 0x1000);
	assert_true(has(maps, 10, 1, 0x1000));
	miss(maps, 5, 9);
	assert_false(has(maps, 10, 1, 0x1000));
	fork_process(maps, 10, 11, 10);
	assert_false(has(maps, 11, 10, 0x1000));
}

static void a_program_executed_after_a_miss_is_known(void **state)
{
	struct process_maps *maps = *state;

	execute(maps, 1, 10);
	miss(maps, 5, 9);
	execute(maps, 8, 10); /* records of this one may be missing, too */
	map(maps, 8, 10, 0x1000);
	assert_false(has(maps, 10, 1, 0x1000));
	execute(maps, 9, 10);
	map(maps, 10, 10, 0x2000);
	assert_true(has(maps, 10, 1, 0x2000));
}

static void a_process_scanned_after_a_miss_is_known(void **state)
{
	struct process_maps *maps = *state;

	miss(maps, 50, 90);
	miss(maps, 20, 30); /* known later: the ring of another CPU is read later */
	find_process(maps, 1, 100);
	assert_true(has(maps, 10, 1, 0x1000));
}

static void the_least_recently_changed_process_is_removed(void **state)
{
	struct process_maps *maps =
		new_maps((struct process_maps_limits){.processes = 3, .memory_bytes = 1 << 20});
	struct process_maps_statistics statistics;

	(void)state;
	for (uint32_t pid = 1; pid <= 5; pid++)
		map(maps, pid, pid, 0x1000);
	assert_false(has(maps, 1, 0, 0x1000));
	assert_false(has(maps, 2, 0, 0x1000));
	assert_true(has(maps, 3, 0, 0x1000));
	assert_true(has(maps, 5, 0, 0x1000));
	process_maps_get_statistics(maps, &statistics);
	assert_int_equal(statistics.processes, 3);
	assert_int_equal(statistics.evicted, 2);
	process_maps_free(maps);
}

static void memory_has_a_limit_too(void **state)
{
	const size_t limit_bytes = 100000;
	struct process_maps *maps = new_maps(
		(struct process_maps_limits){.processes = 1000, .memory_bytes = limit_bytes});
	struct process_maps_statistics statistics;

	(void)state;
	for (uint32_t pid = 1; pid <= 100; pid++) {
		for (uint64_t i = 0; i < 64; i++)
			map(maps, pid, pid, 0x1000 + i * 0x2000);
	}
	process_maps_get_statistics(maps, &statistics);
	assert_true(statistics.memory_bytes <= limit_bytes);
	assert_true(statistics.evicted > 0);
	assert_true(has(maps, 100, 0, 0x1000));
	process_maps_free(maps);
}

/* As if processes of one user mapped as much as they can. */
static void large_processes_cost_small_ones_nothing(void **state)
{
	struct process_maps *maps =
		new_maps((struct process_maps_limits){.processes = 1000, .memory_bytes = 200000});
	struct process_maps_statistics statistics;

	(void)state;
	map(maps, 1, 1, 0x1000);
	for (uint32_t pid = 2; pid <= 40; pid++) {
		for (uint64_t i = 0; i < 256; i++)
			map(maps, pid, pid, 0x1000 + i * 0x2000);
	}
	assert_true(has(maps, 1, 0, 0x1000));
	process_maps_get_statistics(maps, &statistics);
	assert_true(statistics.evicted > 0);
	assert_true(statistics.memory_bytes <= 200000);
	process_maps_free(maps);
}

/* As if a user started as many processes as possible. */
static void many_processes_of_a_user_cost_others_nothing(void **state)
{
	const struct file_user heavy = {.pid_namespace = 1, .uid = 1000};
	const struct file_user light = {.pid_namespace = 1, .uid = 1001};
	struct process_maps *maps =
		new_maps((struct process_maps_limits){.processes = 100, .memory_bytes = 20000});

	(void)state;
	for (uint32_t pid = 1; pid <= 3; pid++) {
		map(maps, pid, pid, 0x1000);
		process_maps_set_user(maps, pid, &light);
	}
	for (uint32_t pid = 10; pid <= 1000; pid++) {
		map(maps, pid, pid, 0x1000);
		process_maps_set_user(maps, pid, &heavy);
	}
	/* A child is of the user of its parent. */
	for (uint32_t pid = 2000; pid <= 3000; pid++)
		fork_process(maps, pid, pid, 1000);
	for (uint32_t pid = 1; pid <= 3; pid++)
		assert_true(has(maps, pid, 0, 0x1000));
	assert_false(has(maps, 10, 0, 0x1000));
	process_maps_free(maps);
}

/* What it maps later is not all that it has mapped. */
static void a_forgotten_process_is_unknown_until_it_is_read(void **state)
{
	struct process_maps *maps =
		new_maps((struct process_maps_limits){.processes = 2, .memory_bytes = 1 << 20});

	(void)state;
	for (uint32_t pid = 1; pid <= 3; pid++)
		map(maps, pid, pid, 0x1000);
	map(maps, 4, 1, 0x9000);
	assert_null(process_maps_snapshot(maps, 1, 0));
	process_maps_free(maps);
}

static bool odd_is_gone(uint32_t pid)
{
	return pid % 2 != 0;
}

static void a_sweep_checks_only_processes_without_their_first_thread(void **state)
{
	struct process_maps *maps = *state;

	for (uint32_t pid = 1; pid <= 4; pid++) {
		map(maps, 1, pid, 0x1000);
		fork_thread(maps, 2, pid, pid + 100);
	}
	end_thread(maps, 3, 1, 1);
	end_thread(maps, 3, 2, 2);
	process_maps_sweep(maps, odd_is_gone);
	assert_false(has(maps, 1, 0, 0x1000));
	assert_true(has(maps, 2, 0, 0x1000));
	assert_true(has(maps, 3, 0, 0x1000));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_child_has_the_mappings_of_its_parent),
		TEST(a_child_that_maps_nothing_shares_its_parents_set),
		TEST(a_snapshot_never_changes),
		TEST(exec_removes_all_mappings),
		TEST(a_process_lives_as_long_as_its_last_thread),
		TEST(a_reused_id_is_another_process),
		TEST(a_start_with_the_precision_of_proc_is_the_same_process),
		TEST(what_a_scan_has_seen_is_not_undone_by_older_records),
		TEST(mappings_from_before_a_miss_are_unknown),
		TEST(a_program_executed_after_a_miss_is_known),
		TEST(a_process_scanned_after_a_miss_is_known),
		cmocka_unit_test(the_least_recently_changed_process_is_removed),
		cmocka_unit_test(memory_has_a_limit_too),
		cmocka_unit_test(large_processes_cost_small_ones_nothing),
		cmocka_unit_test(many_processes_of_a_user_cost_others_nothing),
		cmocka_unit_test(a_forgotten_process_is_unknown_until_it_is_read),
		TEST(a_sweep_checks_only_processes_without_their_first_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
