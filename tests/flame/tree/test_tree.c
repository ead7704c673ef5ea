/* tests/flame/tree/test_tree.c - one path is one node with its exact weight
 *
 * Covers flame/tree/tree.c and flame/tree/name_table.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/flame/stacks.h"

static const struct view_options plain = {0};

static uint64_t weight_at(const struct view *view, const char *path)
{
	return stacks_weight(&view->tree, stacks_run(&view->tree, path), SIDE_NEW);
}

static void siblings_of_any_name_stay_apart_and_one_path_stays_whole(void **state)
{
	struct view view;
	struct stack_sink sink;

	(void)state;
	assert_int_equal(view_open(&view, &plain), FLAME_OK);
	sink = view_sink(&view);
	stacks_add(&sink, "main;foo", 50, SIDE_NEW);
	stacks_add(&sink, "main;foo.part.0", 30, SIDE_NEW);
	stacks_add(&sink, "main;foo;bar", 20, SIDE_NEW);
	assert_int_equal(view_finish(&view), FLAME_OK);
	assert_int_equal(view.tree.count, 5);
	assert_int_equal(weight_at(&view, "main"), 100);
	assert_int_equal(weight_at(&view, "main;foo"), 70);
	assert_int_equal(weight_at(&view, "main;foo;bar"), 20);
	view_close(&view);
}

static void thousands_of_children_are_found_again(void **state)
{
	struct view view;
	struct stack_sink sink;

	(void)state;
	assert_int_equal(view_open(&view, &plain), FLAME_OK);
	sink = view_sink(&view);
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 20000; i++) {
			char path[64];

			snprintf(path, sizeof(path), "main;f%d;g%d", i, i % 7);
			assert_int_equal(stacks_add(&sink, path, 1, SIDE_NEW), FLAME_OK);
		}
	assert_int_equal(view_finish(&view), FLAME_OK);
	assert_int_equal(view.tree.count, 2 + 2 * 20000);
	assert_int_equal(weight_at(&view, "main;f19999;g0"), 3);
	view_close(&view);
}

static void a_name_is_credited_once_a_stack(void **state)
{
	struct view view;
	struct stack_sink sink;

	(void)state;
	assert_int_equal(view_open(&view, &plain), FLAME_OK);
	sink = view_sink(&view);
	stacks_add(&sink, "f;g;f;g;f", 7, SIDE_NEW);
	stacks_add(&sink, "f;h", 2, SIDE_NEW);
	assert_int_equal(view_finish(&view), FLAME_OK);
	for (uint32_t i = 0; i < view.table.count; i++) {
		const struct name *name = &view.table.items[i];
		uint64_t total = name->text[0] == 'f' ? 9 : name->text[0] == 'g' ? 7 : 2;
		uint64_t self = name->text[0] == 'f' ? 7 : name->text[0] == 'g' ? 0 : 2;

		assert_int_equal(name->total[SIDE_NEW], total);
		assert_int_equal(name->self[SIDE_NEW], self);
	}
	view_close(&view);
}

static void more_decimals_rescale_what_came_before(void **state)
{
	const struct frame frame = {.name = "a", .size = 1};
	struct stack stack = {.frames = &frame, .count = 1, .weight = 3};
	struct view view;
	struct stack_sink sink;

	(void)state;
	assert_int_equal(view_open(&view, &plain), FLAME_OK);
	sink = view_sink(&view);
	assert_int_equal(sink.stack(sink.context, &stack), FLAME_OK);
	stack.weight = 125;
	stack.decimals = 3;
	assert_int_equal(sink.stack(sink.context, &stack), FLAME_OK);
	stack.weight = 1;
	stack.decimals = 0;
	assert_int_equal(sink.stack(sink.context, &stack), FLAME_OK);
	assert_int_equal(view_finish(&view), FLAME_OK);
	assert_int_equal(view.tree.decimals, 3);
	assert_int_equal(weight_at(&view, "a"), 4125);
	assert_int_equal(view.table.items[0].total[SIDE_NEW], 4125);
	view_close(&view);
}

static void an_overflow_leaves_the_tree_as_it_was(void **state)
{
	struct view view;
	struct stack_sink sink;

	(void)state;
	assert_int_equal(view_open(&view, &plain), FLAME_OK);
	sink = view_sink(&view);
	assert_int_equal(stacks_add(&sink, "a", UINT64_MAX - 1, SIDE_NEW), FLAME_OK);
	assert_int_equal(stacks_add(&sink, "b", 2, SIDE_NEW), FLAME_OVERFLOW);
	assert_int_equal(stacks_add(&sink, "b", 1, SIDE_NEW), FLAME_OK);
	assert_int_equal(view_finish(&view), FLAME_OK);
	assert_true(view.tree.totals[SIDE_NEW] == UINT64_MAX);
	view_close(&view);
}

static void names_that_look_alike_are_one_and_types_are_two(void **state)
{
	const struct frame frames[] = {
		{.name = "a\xff", .size = 2, .type = FRAME_TYPE_USER},
		{.name = "a\\xff", .size = 5, .type = FRAME_TYPE_USER},
		{.name = "a\\xff", .size = 5, .type = FRAME_TYPE_KERNEL},
		{.name = "", .size = 0, .type = FRAME_TYPE_AUTO},
		{.name = "[empty]", .size = 7, .type = FRAME_TYPE_AUTO},
	};
	static const uint32_t expected[] = {0, 0, 1, 2, 2};
	struct name_table table;

	(void)state;
	assert_int_equal(name_table_open(&table), FLAME_OK);
	for (size_t i = 0; i < 5; i++) {
		uint32_t id = 99;

		assert_int_equal(name_table_intern(&table, &frames[i], &id), FLAME_OK);
		assert_int_equal(id, expected[i]);
	}
	assert_string_equal(table.items[0].text, "a\\xff");
	name_table_close(&table);
}

static void names_that_differ_in_one_byte_are_two(void **state)
{
	struct name_table table;
	uint32_t known;

	(void)state;
	assert_int_equal(name_table_open(&table), FLAME_OK);
	for (size_t size = 1; size <= 80; size++) {
		char text[80];
		struct frame frame = {.name = text, .size = size, .type = FRAME_TYPE_USER};

		memset(text, 'x', sizeof(text));
		assert_int_equal(name_table_intern(&table, &frame, &known), FLAME_OK);
		for (size_t at = 0; at < size; at++) {
			uint32_t id;

			text[at] = 'y';
			assert_int_equal(name_table_intern(&table, &frame, &id), FLAME_OK);
			assert_int_equal(id, known + 1 + at);
			text[at] = 'x';
		}
		assert_int_equal(name_table_intern_all(&table, &frame, 1, &known), FLAME_OK);
		assert_int_equal(known + size + 1, table.count);
	}
	name_table_close(&table);
}

static void frames_of_the_stack_before_are_found_again(void **state)
{
	static const char *const names[] = {"main", "a name of more than sixteen bytes", "f\x01"};
	struct frame frames[3];
	uint32_t ids[3];
	struct name_table table;

	(void)state;
	assert_int_equal(name_table_open(&table), FLAME_OK);
	for (size_t i = 0; i < 3; i++)
		frames[i] = (struct frame){
			.name = names[i],
			.size = strlen(names[i]),
			.type = FRAME_TYPE_USER,
		};
	for (size_t count = 0; count <= 3; count++) {
		assert_int_equal(name_table_intern_all(&table, frames, count, ids), FLAME_OK);
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(ids[i], i);
	}
	frames[1].type = FRAME_TYPE_KERNEL;
	assert_int_equal(name_table_intern_all(&table, frames, 3, ids), FLAME_OK);
	assert_int_equal(ids[1], 3);
	assert_int_equal(ids[2], 2);
	frames[1].size--;
	assert_int_equal(name_table_intern_all(&table, frames, 2, ids), FLAME_OK);
	assert_int_equal(ids[1], 4);
	name_table_close(&table);
}

static void a_frame_with_a_number_is_found_by_it(void **state)
{
	struct frame frames[] = {
		{.name = "main", .size = 4, .number = 2},
		{.name = "f\x01", .size = 2, .number = 100},
		{.name = "f\\x01", .size = 5, .number = 1},
		{.name = "main", .size = 4},
	};
	static const uint32_t expected[] = {0, 1, 1, 0};
	struct name_table table;
	uint32_t ids[4];

	(void)state;
	assert_int_equal(name_table_open(&table), FLAME_OK);
	for (size_t count = 0; count <= 4; count++) {
		assert_int_equal(name_table_intern_all(&table, frames, count, ids), FLAME_OK);
		assert_memory_equal(ids, expected, count * sizeof(*ids));
	}
	for (size_t i = 0; i < 3; i++)
		frames[i].name = NULL; /* not read */
	assert_int_equal(name_table_intern_all(&table, frames, 3, ids), FLAME_OK);
	assert_memory_equal(ids, expected, 3 * sizeof(*ids));
	frames[0] = (struct frame){.name = "main", .size = 4, .type = FRAME_TYPE_KERNEL};
	assert_int_equal(name_table_intern_all(&table, frames, 1, ids), FLAME_OK);
	assert_int_equal(ids[0], 2);
	name_table_close(&table);
}

static void a_scaled_difference_matches_to_the_unit(void **state)
{
	const struct view_options options = {.two_sides = true, .normalize = true};
	struct view view;
	struct stack_sink sink;
	uint64_t selfs = 0;

	(void)state;
	assert_int_equal(view_open(&view, &options), FLAME_OK);
	sink = view_sink(&view);
	stacks_add(&sink, "m;a", 1, SIDE_OLD);
	stacks_add(&sink, "m;b", 1, SIDE_OLD);
	stacks_add(&sink, "m;c;a", 1, SIDE_OLD);
	stacks_add(&sink, "m;a", 100, SIDE_NEW);
	assert_int_equal(view_finish(&view), FLAME_OK);
	assert_int_equal(stacks_weight(&view.tree, 0, SIDE_OLD), 100);
	assert_int_equal(view.tree.totals[SIDE_OLD], 100);
	for (uint32_t i = 0; i < view.table.count; i++)
		selfs += view.table.items[i].self[SIDE_OLD];
	assert_int_equal(selfs, 100);
	assert_int_equal(view.table.items[0].total[SIDE_OLD], 100);
	view_close(&view);
}

static void a_finished_tree_is_in_preorder(void **state)
{
	struct view view;
	struct stack_sink sink;
	uint32_t nodes = 0;

	(void)state;
	assert_int_equal(view_open(&view, &plain), FLAME_OK);
	sink = view_sink(&view);
	for (uint32_t i = 0; i < 5000; i++) {
		char path[64];

		snprintf(path, sizeof(path), "f%u;g%u;h%u", i * 7919 % 13, i * 104729 % 31,
			 i * 1299709 % 97);
		assert_int_equal(stacks_add(&sink, path, 1 + i % 5, SIDE_NEW), FLAME_OK);
	}
	assert_int_equal(view_finish(&view), FLAME_OK);
	for (uint32_t i = 0; i < view.tree.run_count; i++) {
		const struct tree_run *run = &view.tree.runs[i];
		uint64_t below = 0;

		nodes += run->length;
		assert_true(run->end > i && run->end <= view.tree.run_count);
		for (uint32_t at = i + 1; at < run->end; at = view.tree.runs[at].end) {
			assert_int_equal(view.tree.runs[at].parent, i);
			assert_int_equal(view.tree.runs[at].level, run->level + run->length);
			assert_int_equal(view.tree.runs[at].name,
					 view.tree.names[view.tree.runs[at].first]);
			below += view.tree.runs[at].weight;
		}
		assert_true(below <= run->weight);
	}
	assert_int_equal(nodes, view.tree.count);
	assert_int_equal(view.tree.runs[0].weight, 15000);
	view_close(&view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(siblings_of_any_name_stay_apart_and_one_path_stays_whole),
		cmocka_unit_test(thousands_of_children_are_found_again),
		cmocka_unit_test(a_finished_tree_is_in_preorder),
		cmocka_unit_test(a_name_is_credited_once_a_stack),
		cmocka_unit_test(more_decimals_rescale_what_came_before),
		cmocka_unit_test(an_overflow_leaves_the_tree_as_it_was),
		cmocka_unit_test(names_that_look_alike_are_one_and_types_are_two),
		cmocka_unit_test(names_that_differ_in_one_byte_are_two),
		cmocka_unit_test(frames_of_the_stack_before_are_found_again),
		cmocka_unit_test(a_frame_with_a_number_is_found_by_it),
		cmocka_unit_test(a_scaled_difference_matches_to_the_unit),
	};

	return cmocka_run_group_tests_name("flame/tree", tests, NULL, NULL);
}
