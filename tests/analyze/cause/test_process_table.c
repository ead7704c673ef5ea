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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
