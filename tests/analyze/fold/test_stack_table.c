/* tests/analyze/fold/test_stack_table.c - analyze/fold/stack_table.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "analyze/fold/stack_table.h"

#define TEXT(literal)                                                                              \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

static const struct fold_frame frames[] = {
	{.name = TEXT("proc"), .type = FOLD_ROOT},
	{.name = TEXT("a;b"),
	 .module = TEXT("/bin/x"),
	 .build_id = TEXT("\x01\xfe"),
	 .file = TEXT("x.c"),
	 .line = 7,
	 .address = 0x10},
	{.name = TEXT("proc"), .type = FOLD_ROOT},
};

static void check_text(const struct stack_table *table, uint32_t number, const char *expected)
{
	size_t size;
	const char *bytes = byte_set_get(&table->strings, number, &size);

	assert_int_equal(size, strlen(expected));
	assert_memory_equal(bytes, expected, size);
}

static void add(struct stack_table *table, size_t count, uint64_t weight, const char *cause)
{
	const struct fold_stack stack = {.frames = frames,
					 .count = count,
					 .weight = weight,
					 .cause = {cause, strlen(cause)}};

	assert_true(stack_table_add(table, &stack));
}

static void frames_and_names_are_shared(void **state)
{
	struct stack_table table;
	const struct stack_frame *frame;
	const struct stack_module *module;
	const uint32_t *stack;
	size_t size;

	(void)state;
	assert_true(stack_table_init(&table, FOLD_EVENTS, false));
	add(&table, 3, 1, "fault");
	assert_int_equal(table.frames.count, 2);
	stack = byte_set_get(&table.stacks, 0, &size);
	assert_int_equal(size, (STACK_LABEL_COUNT + 3) * sizeof(*stack));
	assert_int_equal(stack[STACK_LABEL_CAUSE], 0);
	assert_int_equal(stack[STACK_LABEL_COUNT], stack[STACK_LABEL_COUNT + 2]);
	frame = byte_set_get(&table.frames, stack[STACK_LABEL_COUNT + 1], &size);
	check_text(&table, frame->name, "a\\x3bb");
	check_text(&table, frame->file, "x.c");
	assert_int_equal(frame->line, 7);
	assert_int_equal(frame->address, 0x10);
	module = byte_set_get(&table.modules, frame->module, &size);
	check_text(&table, module->path, "/bin/x");
	check_text(&table, module->build_id, "01fe");
	stack_table_release(&table);
}

static void sums_are_of_events_and_weights(void **state)
{
	struct stack_table table;

	(void)state;
	assert_true(stack_table_init(&table, FOLD_NANOSECONDS, false));
	add(&table, 1, 40, "");
	add(&table, 2, 50, "");
	add(&table, 1, 2, "");
	assert_int_equal(table.stacks.count, 2);
	assert_int_equal(table.sums[0].events, 2);
	assert_int_equal(table.sums[0].weight, 42);
	assert_int_equal(table.total.events, 3);
	assert_int_equal(table.total.weight, 92);
	add(&table, 1, UINT64_MAX, "");
	assert_int_equal(table.sums[0].weight, UINT64_MAX);
	stack_table_release(&table);
}

static void lost_events_count_as_many(void **state)
{
	struct stack_table table;

	(void)state;
	assert_true(stack_table_init(&table, FOLD_EVENTS, false));
	add(&table, 1, 12, "");
	assert_int_equal(table.total.events, 12);
	stack_table_release(&table);
}

static void labels_separate_stacks(void **state)
{
	struct stack_table table;
	const uint32_t *stack;
	size_t size;

	(void)state;
	assert_true(stack_table_init(&table, FOLD_EVENTS, true));
	add(&table, 1, 1, "fault");
	add(&table, 1, 1, "oom");
	add(&table, 1, 1, "fault");
	assert_int_equal(table.stacks.count, 2);
	assert_int_equal(table.sums[0].events, 2);
	stack = byte_set_get(&table.stacks, 1, &size);
	check_text(&table, stack[STACK_LABEL_CAUSE], "oom");
	assert_int_equal(stack[STACK_LABEL_HOST], 0);
	stack_table_release(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_and_names_are_shared),
		cmocka_unit_test(sums_are_of_events_and_weights),
		cmocka_unit_test(lost_events_count_as_many),
		cmocka_unit_test(labels_separate_stacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
