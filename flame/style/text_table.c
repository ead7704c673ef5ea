/* flame/style/text_table.c - top functions and hottest paths, for a terminal */
#include "flame/style/text_table.h"

#include <stdlib.h>
#include <string.h>

#include "flame/tree/frame_type.h"
#include "flame/tree/ranking.h"

#define ROWS_MAX  20u
#define PATHS_MAX 10u

struct hot_path {
	uint32_t run;    /* that it ends with */
	uint64_t weight; /* self */
};

static void write_head(FILE *stream, const struct presentation *presentation)
{
	fprintf(stream, "%s\n", presentation->title);
	if (presentation->subtitle)
		fprintf(stream, "%s\n", presentation->subtitle);
	if (presentation->summary)
		fprintf(stream, "%s\n", presentation->summary);
	for (size_t i = 0; i < presentation->title_line_count; i++)
		fprintf(stream, "%s\n", presentation->title_lines[i]);
}

static void write_row(FILE *stream, const struct name *name, uint64_t total,
		      const struct amount_scale *scale)
{
	fprintf(stream, "%14s %6s%% %14s %6s%%  %.*s\n",
		amount_short(name->self[SIDE_NEW], scale).text,
		amount_percent(name->self[SIDE_NEW], total).text,
		amount_short(name->total[SIDE_NEW], scale).text,
		amount_percent(name->total[SIDE_NEW], total).text,
		(int)frame_type_trim_suffix(name->text, name->size), name->text);
}

static void write_functions(FILE *stream, const struct view *view,
			    const struct presentation *presentation, bool by_total)
{
	uint32_t ids[ROWS_MAX];
	size_t count = ranking_make(&view->table, by_total, ROWS_MAX, ids);

	fprintf(stream, "\n%14s %7s %14s %7s  %s by %s\n", "SELF", "", "TOTAL", "",
		presentation->name_type, by_total ? "total" : "self");
	for (size_t i = 0; i < count; i++)
		write_row(stream, &view->table.items[ids[i]], view->tree.totals[SIDE_NEW],
			  &presentation->scale);
}

/* Returns the self weight of the last node of every run, the only one that has any, which the
 * caller must free; NULL on allocation failure. */
static uint64_t *self_weights(const struct tree *tree)
{
	uint64_t *self = malloc(tree->run_count * sizeof(*self));

	if (!self)
		return NULL;
	for (uint32_t i = 0; i < tree->run_count; i++)
		self[i] = tree->runs[i].weight;
	for (uint32_t i = 1; i < tree->run_count; i++)
		self[tree->runs[i].parent] -= tree->runs[i].weight;
	return self;
}

/* Finds the paths with the most self weight, the heaviest first. Returns their number. */
static size_t find_paths(const struct tree *tree, const uint64_t *self, struct hot_path *paths)
{
	size_t count = 0;

	for (uint32_t run = 1; run < tree->run_count; run++) {
		size_t at = count;

		if (self[run] == 0)
			continue;
		while (at > 0 && paths[at - 1].weight < self[run]) {
			if (at < PATHS_MAX)
				paths[at] = paths[at - 1];
			at--;
		}
		if (at < PATHS_MAX)
			paths[at] = (struct hot_path){.run = run, .weight = self[run]};
		count += count < PATHS_MAX;
	}
	return count;
}

static bool write_frames(FILE *stream, const struct tree *tree, uint32_t run)
{
	size_t depth = (size_t)tree->runs[run].level + tree->runs[run].length - 1;
	uint32_t *path = calloc(depth, sizeof(*path));

	if (!path)
		return false;
	/* The level of a node is one more than its index here: the root is left out. */
	for (; run != 0; run = tree->runs[run].parent)
		memcpy(path + tree->runs[run].level - 1, tree->names + tree->runs[run].first,
		       tree->runs[run].length * sizeof(*path));
	for (size_t level = 0; level < depth; level++)
		fprintf(stream, "%s%s", level == 0 ? "" : " > ",
			tree->table->items[path[level]].text);
	fputc('\n', stream);
	free(path);
	return true;
}

static enum flame_status write_paths(FILE *stream, const struct tree *tree,
				     const struct presentation *presentation)
{
	struct hot_path paths[PATHS_MAX];
	uint64_t *self = self_weights(tree);
	size_t count;

	if (!self)
		return FLAME_NO_MEMORY;
	count = find_paths(tree, self, paths);
	free(self);
	fprintf(stream, "\n%14s %7s  hottest paths\n", "SELF", "");
	for (size_t i = 0; i < count; i++) {
		fprintf(stream, "%14s %6s%%  ",
			amount_short(paths[i].weight, &presentation->scale).text,
			amount_percent(paths[i].weight, tree->totals[SIDE_NEW]).text);
		if (!write_frames(stream, tree, paths[i].run))
			return FLAME_NO_MEMORY;
	}
	return FLAME_OK;
}

enum flame_status text_table_write(FILE *stream, const struct view *view,
				   const struct presentation *presentation)
{
	write_head(stream, presentation);
	write_functions(stream, view, presentation, false);
	write_functions(stream, view, presentation, true);
	return write_paths(stream, &view->tree, presentation);
}
