/* tests/flame/tree/test_flame_graph.c - merging of frames loses no weight
 *
 * Covers flame/tree/flame_graph.c, and flame/svg/layout.c, search_sample.c and search_terms.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flame/svg/layout.h"
#include "flame/svg/svg_data.h"
#include "tests/flame/stacks.h"

#define FUNCTIONS 3000

/* A third of the weight is in stacks that are too narrow to draw, each with a separate name. */
static void fill(struct view *view)
{
	static const struct view_options options = {0};
	struct stack_sink sink;

	assert_int_equal(view_open(view, &options), FLAME_OK);
	sink = view_sink(view);
	stacks_add(&sink, "main;wide;alloc_big", 2 * FUNCTIONS, SIDE_NEW);
	for (int i = 0; i < FUNCTIONS; i++) {
		char path[96];

		snprintf(path, sizeof(path), "main;narrow_%c%c%c;%s_%d", 'a' + i % 26,
			 'a' + i / 26 % 26, 'a' + i / 676, i % 4 == 0 ? "alloc_slab" : "other", i);
		stacks_add(&sink, path, 1, SIDE_NEW);
	}
	assert_int_equal(view_finish(view), FLAME_OK);
}

static void open_graph(struct view *view, struct flame_graph *graph, uint64_t least)
{
	const struct flame_graph_options options = {.least = least, .whole = 1180};

	fill(view);
	assert_int_equal(flame_graph_open(graph, &view->tree, NULL, &options), FLAME_OK);
}

static void widths_at_every_level_add_up_with_merged_frames(void **state)
{
	struct flame_graph graph;
	struct view view;

	(void)state;
	open_graph(&view, &graph, 10);
	assert_int_equal(graph.count, 4);
	assert_int_equal(graph.main.count, 4);
	for (size_t level = 0; level < 4; level++)
		assert_int_equal(graph.main.widths[level], 3 * FUNCTIONS);
	assert_int_equal(graph.merged_frames, 2 * FUNCTIONS);
	assert_int_equal(graph.frames, 3 + 2 * FUNCTIONS);
	flame_graph_close(&graph);
	view_close(&view);
}

static void with_no_least_width_nothing_is_merged(void **state)
{
	struct flame_graph graph;
	struct view view;

	(void)state;
	open_graph(&view, &graph, 0);
	assert_int_equal(graph.count, 4 + 2 * FUNCTIONS);
	assert_int_equal(graph.merged_frames, 0);
	flame_graph_close(&graph);
	view_close(&view);
}

static void merged_stacks_are_sampled_by_weight(void **state)
{
	struct flame_graph graph;
	struct search_sample sample;
	struct view view;
	uint32_t hits = 0;

	(void)state;
	open_graph(&view, &graph, 10);
	assert_int_equal(search_sample_open(&sample, &view.tree, &graph), FLAME_OK);
	assert_int_equal(sample.weight, FUNCTIONS);
	assert_int_equal(sample.picks, FUNCTIONS);
	for (size_t i = 0; i < sample.count; i++) {
		const struct search_sample_stack *stack = &sample.stacks[i];

		assert_int_equal(stack->name_count, 2);
		hits += strncmp(view.table.items[sample.names[stack->name_start + 1]].text, "alloc",
				5) == 0;
	}
	assert_int_equal(hits, FUNCTIONS / 4);
	search_sample_close(&sample);
	flame_graph_close(&graph);
	view_close(&view);
}

/* Returns the exact weight for the names that contain the part, or UINT64_MAX. */
static uint64_t known_weight(const struct svg_data *data, const struct name_table *table,
			     const char *part)
{
	struct search_term set = {0};

	for (uint32_t id = 0; id < table->count; id++)
		if (strstr(table->items[id].text, part)) {
			set.names++;
			set.key[0] += search_terms_hash(data->chosen.ranks[id], 0);
			set.key[1] += search_terms_hash(data->chosen.ranks[id], 1);
		}
	for (uint32_t i = 0; i < data->terms.count; i++)
		if (data->terms.items[i].names == set.names &&
		    data->terms.items[i].key[0] == set.key[0] &&
		    data->terms.items[i].key[1] == set.key[1])
			return data->terms.items[i].weight;
	return UINT64_MAX;
}

static void likely_searches_have_exact_results(void **state)
{
	struct flame_graph graph;
	struct view view;
	struct svg_data data;

	(void)state;
	open_graph(&view, &graph, 10);
	assert_int_equal(svg_data_open(&data, &view.tree, &graph), FLAME_OK);
	assert_int_equal(known_weight(&data, &view.table, "alloc"), 2 * FUNCTIONS + FUNCTIONS / 4);
	assert_int_equal(known_weight(&data, &view.table, "slab"), FUNCTIONS / 4);
	assert_int_equal(known_weight(&data, &view.table, "narrow"), FUNCTIONS);
	svg_data_close(&data);
	flame_graph_close(&graph);
	view_close(&view);
}

static void neighbours_share_an_edge(void **state)
{
	const struct layout layout = {.whole = 7, .tenths = 11800};
	uint64_t end = 0;

	(void)state;
	for (uint64_t start = 0; start < 7; start++) {
		struct layout_span span = layout_span(&layout, start, 1);

		assert_int_equal(span.left, end);
		end = span.left + span.width;
	}
	assert_int_equal(end, 11800);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths_at_every_level_add_up_with_merged_frames),
		cmocka_unit_test(with_no_least_width_nothing_is_merged),
		cmocka_unit_test(merged_stacks_are_sampled_by_weight),
		cmocka_unit_test(likely_searches_have_exact_results),
		cmocka_unit_test(neighbours_share_an_edge),
	};

	return cmocka_run_group_tests_name("flame/flame_graph", tests, NULL, NULL);
}
