/* flame/style/text_table.c - top functions and hottest paths, for a terminal */
#include "flame/style/text_table.h"

#include <stdlib.h>

#include "flame/tree/frame_type.h"
#include "flame/tree/ranking.h"

#define ROWS_MAX  20u
#define PATHS_MAX 10u

struct hot_path {
	uint32_t node;
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

/* Returns the self weight of every node, which the caller must free; NULL on allocation failure. */
static uint64_t *self_weights(const struct tree *tree)
{
	uint64_t *self = malloc(tree->count * sizeof(*self));

	if (!self)
		return NULL;
	for (uint32_t i = 0; i < tree->count; i++)
		self[i] = tree->nodes[i].weight;
	for (uint32_t i = 1; i < tree->count; i++)
		self[tree->nodes[i].parent] -= tree->nodes[i].weight;
	return self;
}

/* Finds the paths with the most self weight, the heaviest first. Returns their number. */
static size_t find_paths(const struct tree *tree, const uint64_t *self, struct hot_path *paths)
{
	size_t count = 0;

	for (uint32_t node = 1; node < tree->count; node++) {
		size_t at = count;

		if (self[node] == 0)
			continue;
		while (at > 0 && paths[at - 1].weight < self[node]) {
			if (at < PATHS_MAX)
				paths[at] = paths[at - 1];
			at--;
		}
		if (at < PATHS_MAX)
			paths[at] = (struct hot_path){.node = node, .weight = self[node]};
		count += count < PATHS_MAX;
	}
	return count;
}

static bool write_frames(FILE *stream, const struct tree *tree, uint32_t node)
{
	size_t depth = 0;
	uint32_t *path;

	for (uint32_t at = node; at != 0; at = tree->nodes[at].parent)
		depth++;
	path = malloc(depth * sizeof(*path));
	if (!path)
		return false;
	for (size_t level = depth; level-- > 0; node = tree->nodes[node].parent)
		path[level] = tree->nodes[node].name;
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
		if (!write_frames(stream, tree, paths[i].node))
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
