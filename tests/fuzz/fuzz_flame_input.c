/* tests/fuzz/fuzz_flame_input.c - any text as input of diag-flame, drawn and folded back
 *
 * Input: a byte whose low two bits choose the format (detected, folded, diagnose-tools, perf
 * script) and whose next ones choose two columns, reverse, a flame chart, pruning and a second
 * thread; then the text. The tree, the flame graph and the stacks read back from it must have the
 * same totals. The second thread must find the same stacks.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyze/fold/svg_stacks.h"
#include "flame/input/input.h"
#include "flame/input/read_ahead.h"
#include "flame/style/colour.h"
#include "flame/svg/svg.h"
#include "flame/svg/svg_data.h"
#include "flame/tree/flame_graph.h"
#include "flame/tree/view.h"

/* NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer looks for */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FORMAT_MASK 3u
#define TWO_COLUMNS 4u
#define REVERSE     8u
#define CHART       16u
#define PRUNE       32u
#define AHEAD       64u
#define WIDTH       1180u
#define EVENT_MAX   64u

static int make_file(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	return fd;
}

/* Returns false if nothing can be drawn: after an overflow, or without any weight. */
static bool read_text(struct view *view, struct read_ahead *ahead, uint8_t choice, int fd)
{
	const struct input_options options = {
		.format = (enum input_format)(choice & FORMAT_MASK),
		.two_columns = choice & TWO_COLUMNS,
	};
	const struct stack_sink sink = view_sink(view);
	struct input_report report = {0};
	enum flame_status status;
	struct line_reader lines;

	if (lseek(fd, 0, SEEK_SET) != 0 || input_line_open(&lines, fd) != FLAME_OK)
		abort();
	status = ahead ? read_ahead_input(ahead, &lines, &options, &sink, &report)
		       : input_read(&lines, &options, &sink, &report);
	line_reader_close(&lines);
	if (report.format == INPUT_DETECT || report.bad_lines > report.lines ||
	    strnlen(report.event, EVENT_MAX) == EVENT_MAX)
		abort();
	return status == FLAME_OK && view_finish(view) == FLAME_OK;
}

static bool is_same(const struct view *left, const struct view *right)
{
	bool same = left->table.count == right->table.count &&
		    left->tree.count == right->tree.count &&
		    left->tree.run_count == right->tree.run_count &&
		    left->tree.totals[SIDE_NEW] == right->tree.totals[SIDE_NEW] &&
		    left->tree.totals[SIDE_OLD] == right->tree.totals[SIDE_OLD];

	for (uint32_t i = 0; i < left->table.count && same; i++) {
		const struct name *a = &left->table.items[i];
		const struct name *b = &right->table.items[i];

		same = strcmp(a->text, b->text) == 0 && a->type == b->type &&
		       a->total[SIDE_NEW] == b->total[SIDE_NEW] &&
		       a->self[SIDE_NEW] == b->self[SIDE_NEW];
	}
	return same;
}

/* Reads the text on a second thread, which must have the same result. */
static void read_again(const struct view *expected, bool is_read, uint8_t choice, int fd)
{
	struct read_ahead *ahead = read_ahead_start();
	struct view view;

	if (!ahead || view_open(&view, &expected->options) != FLAME_OK ||
	    read_text(&view, ahead, choice, fd) != is_read || !is_same(&view, expected))
		abort();
	view_close(&view);
	read_ahead_end(ahead);
}

struct sums {
	uint64_t now;
	uint64_t before;
};

static bool add_up(void *context, const struct svg_stack *stack)
{
	struct sums *sums = context;

	if (stack->count == 0 || __builtin_add_overflow(sums->now, stack->weight, &sums->now) ||
	    __builtin_add_overflow(sums->before, stack->old_weight, &sums->before))
		abort();
	return true;
}

static void fold_back(const char *svg, size_t size, const struct tree *tree)
{
	struct sums sums = {0};
	const struct svg_stacks_sink sink = {.context = &sums, .stack = add_up};

	if (svg_stacks_run(svg, size, &sink) != SVG_STACKS_OK ||
	    sums.now != tree->totals[SIDE_NEW] || sums.before != tree->totals[SIDE_OLD])
		abort();
}

static struct presentation make_presentation(const struct view *view)
{
	return (struct presentation){
		.title = "fuzz",
		.name_type = "Function",
		.root_name = "all",
		.view = view->options.two_sides ? "diff"
			: view->options.reverse ? "reverse"
						: "flame",
		.scale = {.factor = 1, .decimals = view->tree.decimals, .unit = "samples"},
		.weight_decimals = view->tree.decimals,
		.palette = colour_find("type"),
		.search_colour = "#000000",
		.font_type = "monospace",
		.font_size = 12,
		.font_width = 0.6,
		.width = WIDTH + 20,
		.frame_height = 17,
	};
}

static void draw(const struct view *view, bool prune)
{
	const struct flame_graph_options options = {.least = prune, .whole = WIDTH};
	const struct presentation presentation = make_presentation(view);
	struct flame_graph graph;
	struct svg_data data;
	char *svg = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&svg, &size);

	if (!stream || flame_graph_open(&graph, &view->tree, NULL, &options) != FLAME_OK ||
	    svg_data_open(&data, &view->tree, &graph) != FLAME_OK ||
	    svg_write(stream, &graph, &data, &presentation) != FLAME_OK || fclose(stream) != 0)
		abort();
	fold_back(svg, size, &view->tree);
	svg_data_close(&data);
	flame_graph_close(&graph);
	free(svg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t choice = size > 0 ? data[0] : 0;
	const struct view_options options = {
		.two_sides = choice & TWO_COLUMNS,
		.reverse = choice & REVERSE,
		.in_time_order = (choice & CHART) && !(choice & (TWO_COLUMNS | REVERSE)),
	};
	struct view view;
	bool is_read;
	int fd;

	if (size == 0)
		return 0;
	fd = make_file(data + 1, size - 1);
	if (view_open(&view, &options) != FLAME_OK)
		abort();
	is_read = read_text(&view, NULL, choice, fd);
	if (choice & AHEAD)
		read_again(&view, is_read, choice, fd);
	if (is_read)
		draw(&view, choice & PRUNE);
	view_close(&view);
	close(fd);
	return 0;
}
