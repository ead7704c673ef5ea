/* tests/flame/svg/test_svg_data.c - text/svg_data_format.h, written and read back
 *
 * analyze/fold/svg_stacks.c reads what flame/svg/svg_data.c writes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/fold/svg_stacks.h"
#include "flame/svg/svg_data.h"
#include "tests/flame/stacks.h"
#include "text/svg_data_format.h"

#define WIDTH_PX 1000u

static bool append(void *context, const struct svg_stack *stack)
{
	FILE *stream = context;

	for (size_t i = 0; i < stack->count; i++)
		fprintf(stream, "%s%s", i ? ";" : "", stack->frames[i].name);
	if (stack->is_diff)
		fprintf(stream, " %d", (int)stack->old_weight);
	fprintf(stream, " %d\n", (int)stack->weight);
	return true;
}

/* The picture data of the view, as text; the caller frees it. */
static char *encode(const struct view *view, const char *name, uint64_t least_px)
{
	const struct flame_graph_options options = {.least = least_px, .whole = WIDTH_PX};
	const struct tree *callers = view->options.focus ? &view->callers : NULL;
	const struct presentation presentation = {
		.title = "t",
		.name_type = "Function",
		.root_name = view->options.focus ? view->options.focus : "all",
		.view = name,
		.scale = {.factor = 1, .unit = "samples"},
	};
	struct flame_graph graph;
	struct svg_data data;
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	assert_int_equal(flame_graph_open(&graph, &view->tree, callers, &options), FLAME_OK);
	assert_int_equal(svg_data_open(&data, &view->tree, &graph), FLAME_OK);
	assert_int_equal(svg_data_write(stream, &graph, &data, &presentation), FLAME_OK);
	assert_int_equal(fclose(stream), 0);
	svg_data_close(&data);
	flame_graph_close(&graph);
	return text;
}

static void assert_decoded(const char *text, const char *lines)
{
	char *written = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&written, &size);
	const struct svg_stacks_sink sink = {.context = stream, .stack = append};

	assert_non_null(stream);
	assert_int_equal(svg_stacks_run(text, strlen(text), &sink), SVG_STACKS_OK);
	fclose(stream);
	assert_string_equal(written, lines);
	free(written);
}

static void assert_round_trip(const struct view_options *options, const char *name,
			      uint64_t least_px, const char *lines)
{
	struct view view;
	struct stack_sink sink;
	char *text;

	assert_int_equal(view_open(&view, options), FLAME_OK);
	sink = view_sink(&view);
	stacks_add(&sink, "m;a<b>;c", 7, SIDE_NEW);
	stacks_add(&sink, "m;a<b>", 2, SIDE_NEW);
	stacks_add(&sink, "m;d;thin;deep", 1, SIDE_NEW);
	stacks_add(&sink, "m;d", 990, SIDE_NEW);
	if (options->two_sides) {
		stacks_add(&sink, "m;d", 3, SIDE_OLD);
		stacks_add(&sink, "m;e;c", 4, SIDE_OLD);
	}
	assert_int_equal(view_finish(&view), FLAME_OK);
	text = encode(&view, name, least_px);
	assert_decoded(text, lines);
	free(text);
	view_close(&view);
}

static void stacks_come_back_as_they_were(void **state)
{
	const struct view_options options = {0};

	(void)state;
	assert_round_trip(&options, SVG_DATA_VIEW_FLAME, 0,
			  "m;a<b>;c 7\nm;a<b> 2\nm;d;thin;deep 1\nm;d 990\n");
}

static void stacks_merged_from_the_leaf_come_back_root_first(void **state)
{
	const struct view_options options = {.reverse = true};

	(void)state;
	assert_round_trip(&options, SVG_DATA_VIEW_REVERSE, 0,
			  "m;a<b> 2\nm;a<b>;c 7\nm;d 990\nm;d;thin;deep 1\n");
}

static void a_chart_comes_back_in_time_order(void **state)
{
	const struct view_options options = {.in_time_order = true};

	(void)state;
	assert_round_trip(&options, SVG_DATA_VIEW_CHART, 0,
			  "m;a<b>;c 7\nm;a<b> 2\nm;d;thin;deep 1\nm;d 990\n");
}

static void merged_frames_come_back_as_one(void **state)
{
	const struct view_options options = {0};

	(void)state;
	assert_round_trip(&options, SVG_DATA_VIEW_FLAME, 5,
			  "m;a<b>;c 7\nm;a<b> 2\nm;d;[2 merged frames] 1\nm;d 990\n");
}

static void both_sides_of_a_difference_come_back(void **state)
{
	const struct view_options options = {.two_sides = true};

	(void)state;
	assert_round_trip(&options, SVG_DATA_VIEW_DIFF, 0,
			  "m;a<b>;c 0 7\nm;a<b> 0 2\nm;d;thin;deep 0 1\nm;d 3 990\nm;e;c 4 0\n");
	assert_round_trip(&options, SVG_DATA_VIEW_DIFF, 5,
			  "m;a<b>;c 0 7\nm;a<b> 0 2\nm;d;[2 merged frames] 0 1\nm;d 3 990\n"
			  "[3 merged frames] 4 0\n");
}

static void a_focus_comes_back_with_its_callees(void **state)
{
	const struct view_options options = {.focus = "d"};

	(void)state;
	assert_round_trip(&options, SVG_DATA_VIEW_FOCUS, 0, "d;thin;deep 1\nd 990\n");
}

/* A reader can check the version before it reads anything else. */
static void the_version_comes_first(void **state)
{
	const struct view_options options = {0};
	struct stack_sink sink;
	struct view view;
	char *text;

	(void)state;
	assert_int_equal(view_open(&view, &options), FLAME_OK);
	sink = view_sink(&view);
	stacks_add(&sink, "m", 1, SIDE_NEW);
	assert_int_equal(view_finish(&view), FLAME_OK);
	text = encode(&view, SVG_DATA_VIEW_FLAME, 0);
	assert_ptr_equal(strstr(text, "<metadata id=\"" SVG_DATA_PICTURE
				      "\">{\"" SVG_DATA_KEY_VERSION "\":" SVG_DATA_VERSION ","),
			 text);
	free(text);
	view_close(&view);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks_come_back_as_they_were),
		cmocka_unit_test(stacks_merged_from_the_leaf_come_back_root_first),
		cmocka_unit_test(a_chart_comes_back_in_time_order),
		cmocka_unit_test(merged_frames_come_back_as_one),
		cmocka_unit_test(both_sides_of_a_difference_come_back),
		cmocka_unit_test(a_focus_comes_back_with_its_callees),
		cmocka_unit_test(the_version_comes_first),
	};

	return cmocka_run_group_tests_name("flame/svg_data", tests, NULL, NULL);
}
