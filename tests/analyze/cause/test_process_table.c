/* tests/analyze/cause/test_process_table.c - state of living processes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/cause/process_table.h"

static const struct trace_file first_boot = {.boot = 0};
static const struct trace_file second_boot = {.boot = 1};

static struct process_table *make(void)
{
	struct process_table *table;

	assert_true(process_table_new(&table));
	return table;
}

static struct process *touch(struct process_table *table, uint64_t pid, uint64_t start)
{
	const struct dz_task task = {.pid = pid, .process_start = start};
	struct process *process = process_table_touch(table, &first_boot, &task);

	assert_non_null(process);
	return process;
}

/* Of signal `number` with the time that it is looked for by; tid 0: for the process. */
static void add(struct process_table *table, struct process *process, uint32_t number, uint32_t tid,
		uint64_t time)
{
	const struct cause_signal signal = {
		.file = &first_boot,
		.row = {.signal = number, .group = tid == 0, .time = time},
	};

	assert_true(process_add_signal(table, process, &signal, tid != 0 ? tid : 5));
}

static uint64_t time_found(const struct process *process, uint32_t number, uint32_t tid)
{
	const struct process_signal *found = process_find_signal(process, number, tid);

	return found ? found->signal.row.time : 0;
}

static void a_pid_that_is_used_again_is_another_process(void **state)
{
	struct process_table *table = make();
	const struct dz_task task = {.pid = 5, .process_start = 100};
	struct process *process = touch(table, 5, 100);

	(void)state;
	assert_ptr_equal(touch(table, 5, 100), process);
	assert_ptr_not_equal(touch(table, 5, 200), process);
	assert_ptr_not_equal(process_table_touch(table, &second_boot, &task), process);
	assert_int_equal(process_table_count(table), 3);
	process_table_free(table);
}

static void what_was_removed_is_not_found(void **state)
{
	struct process_table *table = make();
	const struct dz_task task = {.pid = 5, .process_start = 100};
	struct process *process = touch(table, 5, 100);

	(void)state;
	add(table, process, 9, 0, 1);
	process_table_remove(table, process);
	assert_null(process_table_find(table, &first_boot, &task));
	assert_int_equal(process_table_count(table), 0);
	process_table_free(table);
}

static void a_standard_signal_replaces_the_one_before(void **state)
{
	struct process_table *table = make();
	struct process *process = touch(table, 5, 100);

	(void)state;
	add(table, process, 15, 0, 1);
	add(table, process, 15, 0, 2);
	assert_int_equal(time_found(process, 15, 5), 2);
	assert_int_equal(time_found(process, 9, 5), 0);
	process_table_free(table);
}

static void real_time_signals_are_kept_in_order(void **state)
{
	struct process_table *table = make();
	struct process *process = touch(table, 5, 100);

	(void)state;
	add(table, process, 34, 0, 1);
	add(table, process, 34, 0, 2);
	assert_int_equal(time_found(process, 34, 5), 1);
	process_remove_signal(table, process, process_find_signal(process, 34, 5));
	assert_int_equal(time_found(process, 34, 5), 2);
	process_table_free(table);
}

static void a_thread_takes_its_own_signal_first(void **state)
{
	struct process_table *table = make();
	struct process *process = touch(table, 5, 100);

	(void)state;
	add(table, process, 15, 0, 1);
	add(table, process, 15, 6, 2);
	add(table, process, 15, 7, 3);
	assert_int_equal(time_found(process, 15, 5), 1);
	assert_int_equal(time_found(process, 15, 6), 2);
	assert_int_equal(time_found(process, 15, 7), 3);
	process_table_free(table);
}

static void a_flood_of_signals_keeps_the_newest(void **state)
{
	struct process_table *table = make();
	struct process *process = touch(table, 5, 100);

	(void)state;
	for (uint64_t time = 1; time <= 1000; time++)
		add(table, process, 40, 0, time);
	assert_int_equal(time_found(process, 40, 5), 1000 - 63);
	process_table_free(table);
}

static void the_least_recently_used_process_is_removed(void **state)
{
	struct process_table *table = make();
	const struct dz_task first = {.pid = 1, .process_start = 1};
	const struct dz_task second = {.pid = 2, .process_start = 1};

	(void)state;
	for (uint64_t pid = 1; pid <= 65536; pid++)
		touch(table, pid, 1);
	touch(table, 1, 1);
	touch(table, 70000, 1);
	assert_int_equal(process_table_count(table), 65536);
	assert_non_null(process_table_find(table, &first_boot, &first));
	assert_null(process_table_find(table, &first_boot, &second));
	process_table_clear(table);
	assert_int_equal(process_table_count(table), 0);
	process_table_free(table);
}

static void add_handled(struct process_table *table, struct process *process, uint32_t number,
			uint32_t tid, enum cause_kind kind)
{
	const struct process_handled handled = {
		.delivery = {.file = &first_boot, .row = {.signal = number}},
		.tid = tid,
		.kind = kind,
	};

	assert_true(process_add_handled(table, process, &handled));
}

static size_t count_handled(const struct process *process)
{
	size_t count = 0;

	for (const struct process_handled *at = process->handled; at; at = at->next)
		count++;
	return count;
}

static void handled_signals_are_kept_by_number_and_thread(void **state)
{
	struct process_table *table = make();
	struct process *process = touch(table, 5, 100);

	(void)state;
	add_handled(table, process, 15, 5, CAUSE_SIGNAL);
	add_handled(table, process, 15, 6, CAUSE_SIGNAL);
	add_handled(table, process, 1, 5, CAUSE_SIGNAL);
	add_handled(table, process, 15, 5, CAUSE_SIGNAL);
	assert_int_equal(count_handled(process), 3);
	assert_int_equal(process->handled->tid, 6);
	assert_int_equal(process->handled->next->delivery.row.signal, 1);
	assert_int_equal(process->handled->next->next->tid, 5);
	process_table_free(table);
}

static void routine_signals_make_room_for_others(void **state)
{
	struct process_table *table = make();
	struct process *process = touch(table, 5, 100);

	(void)state;
	add_handled(table, process, 15, 5, CAUSE_SIGNAL);
	for (uint32_t i = 0; i < 1000; i++)
		add_handled(table, process, 14, 10 + i, CAUSE_TIMER);
	assert_int_equal(count_handled(process), 16);
	assert_int_equal(process->handled->delivery.row.signal, 15);
	for (uint32_t i = 0; i < 1000; i++)
		add_handled(table, process, 10, 10 + i, CAUSE_SIGNAL);
	assert_int_equal(count_handled(process), 16);
	assert_int_equal(process->handled->delivery.row.signal, 10);
	process_table_free(table);
}

static void the_last_child_of_each_signal_is_kept(void **state)
{
	struct process_table *table = make();
	struct process *process = touch(table, 5, 100);

	(void)state;
	assert_null(process_find_child(process, 9, 0));
	for (uint32_t i = 1; i <= 100; i++) {
		const struct cause_child child = {
			.file = &first_boot, .task = i, .signal = 9 + i % 2};

		assert_true(process_add_child(table, process, &child));
	}
	assert_int_equal(process_find_child(process, 9, 0)->task, 100);
	assert_int_equal(process_find_child(process, 10, 0)->task, 99);
	for (uint32_t i = 1; i <= 4; i++) {
		const struct cause_child child = {.file = &first_boot, .task = i, .signal = 20 + i};

		assert_true(process_add_child(table, process, &child));
	}
	assert_null(process_find_child(process, 9, 0));
	assert_int_equal(process_find_child(process, 24, 0)->task, 4);
	process_table_free(table);
}

/* The least recently used processes go. */
static void handled_signals_are_limited_for_all_processes(void **state)
{
	struct process_table *table = make();
	const struct dz_task first = {.pid = 1, .process_start = 100};

	(void)state;
	for (uint32_t pid = 1; pid <= 10000; pid++) {
		struct process *process = touch(table, pid, 100);

		for (uint32_t i = 0; i < 16; i++)
			add_handled(table, process, 10, i, CAUSE_SIGNAL);
	}
	assert_int_equal(process_table_count(table), 262144 / 2 / 16);
	assert_null(process_table_find(table, &first_boot, &first));
	process_table_free(table);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pid_that_is_used_again_is_another_process),
		cmocka_unit_test(what_was_removed_is_not_found),
		cmocka_unit_test(a_standard_signal_replaces_the_one_before),
		cmocka_unit_test(real_time_signals_are_kept_in_order),
		cmocka_unit_test(a_thread_takes_its_own_signal_first),
		cmocka_unit_test(a_flood_of_signals_keeps_the_newest),
		cmocka_unit_test(the_least_recently_used_process_is_removed),
		cmocka_unit_test(handled_signals_are_kept_by_number_and_thread),
		cmocka_unit_test(routine_signals_make_room_for_others),
		cmocka_unit_test(the_last_child_of_each_signal_is_kept),
		cmocka_unit_test(handled_signals_are_limited_for_all_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
