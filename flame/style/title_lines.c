/* flame/style/title_lines.c - lines under the title of a flame graph */
#include "flame/style/title_lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
#include "text/quantity.h"

#define REMARKS_MAX  4u
#define REMARK_BYTES 40u

bool title_lines_add(struct title_lines *lines, const char *format, ...)
{
	char *raw = NULL;
	va_list arguments;
	char *clean;
	int size;

	if (lines->count == TITLE_LINES_MAX)
		return true;
	va_start(arguments, format);
	size = vasprintf(&raw, format, arguments);
	va_end(arguments);
	if (size < 0)
		return false;
	clean = malloc((size_t)size * ESCAPE_PIECE_MAX + 1);
	if (clean) {
		escape_copy(clean, (size_t)size * ESCAPE_PIECE_MAX + 1, ESCAPE_TERMINAL, raw,
			    (size_t)size);
		lines->lines[lines->count++] = clean;
	}
	free(raw);
	return clean;
}

/* Such as [lost]. [vdso]+0x6b0 is not: that is code. */
static bool is_in_brackets(const struct name *name)
{
	return name->text[0] == '[' && name->text[name->size - 1] == ']';
}

static bool is_remark(const struct name *name)
{
	return (name->type == FRAME_TYPE_UNKNOWN || name->type == FRAME_TYPE_LOST) &&
	       is_in_brackets(name) && name->total[SIDE_NEW] > 0;
}

/* Finds the heaviest frames that are not code but name what is missing, such as [lost] and
 * [unknown]. Returns their number. */
static size_t find_remarks(const struct name_table *table, const struct name **remarks)
{
	size_t count = 0;

	for (uint32_t i = 0; i < table->count; i++) {
		const struct name *name = &table->items[i];
		size_t at = count;

		if (!is_remark(name))
			continue;
		while (at > 0 && remarks[at - 1]->total[SIDE_NEW] < name->total[SIDE_NEW]) {
			if (at < REMARKS_MAX)
				remarks[at] = remarks[at - 1];
			at--;
		}
		if (at < REMARKS_MAX)
			remarks[at] = name;
		count += count < REMARKS_MAX;
	}
	return count;
}

static bool add_remarks(struct title_lines *lines, const struct view *view)
{
	const struct name *remarks[REMARKS_MAX];
	size_t count = find_remarks(&view->table, remarks);
	char text[REMARKS_MAX * (REMARK_BYTES + 16) + 1] = "";
	size_t used = 0;

	if (count == 0)
		return true;
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, "%s%.*s %s %%", i > 0 ? ", " : "",
			(int)REMARK_BYTES, remarks[i]->text,
			amount_percent(remarks[i]->total[SIDE_NEW], view->tree.totals[SIDE_NEW])
				.text);
	return title_lines_add(lines, "stacks with %s", text);
}

/* Code without a symbol, such as cat+0x5d86. */
static bool is_unnamed(const struct name *name)
{
	return name->type == FRAME_TYPE_UNKNOWN && !is_in_brackets(name);
}

static bool has_unnamed(const struct name_table *table)
{
	for (uint32_t i = 0; i < table->count; i++)
		if (is_unnamed(&table->items[i]) && table->items[i].total[SIDE_NEW] > 0)
			return true;
	return false;
}

/* Returns the weight of the stacks that contain such code. A parent comes before its children, so
 * that seen[] carries over from it. */
static uint64_t weigh_unnamed(const struct tree *tree, uint8_t *seen)
{
	uint64_t weight = 0;

	for (uint32_t i = 1; i < tree->count; i++) {
		const struct tree_node *node = &tree->nodes[i];

		seen[i] = seen[node->parent];
		if (seen[i] || !is_unnamed(&tree->table->items[node->name]))
			continue;
		seen[i] = 1;
		weight += node->weight;
	}
	return weight;
}

static bool add_unnamed(struct title_lines *lines, const struct tree *tree)
{
	uint64_t weight;
	uint8_t *seen;

	if (!has_unnamed(tree->table))
		return true;
	seen = calloc(tree->count, 1);
	if (!seen)
		return false;
	weight = weigh_unnamed(tree, seen);
	free(seen);
	return weight == 0 || title_lines_add(lines, "stacks with code without a symbol %s %%",
					      amount_percent(weight, tree->totals[SIDE_NEW]).text);
}

static const char *unit_after(const struct amount_scale *scale)
{
	return amount_is_scaled(scale) ? "" : scale->unit;
}

bool title_lines_add_totals(struct title_lines *lines, const struct view *view,
			    const struct amount_scale *scale)
{
	const struct tree *tree = &view->tree;
	const char *unit = unit_after(scale);
	const char *gap = unit[0] ? " " : "";
	char before[2 * AMOUNT_TEXT_MAX] = "";

	if (view->options.two_sides)
		snprintf(before, sizeof(before), "; %s before%s",
			 amount_short(tree->totals[SIDE_OLD], scale).text,
			 view->options.normalize ? ", scaled to the same total" : "");
	return title_lines_add(lines, "%s%s%s%s; %s function%s",
			       amount_short(tree->totals[SIDE_NEW], scale).text, gap, unit, before,
			       quantity_exact(view->table.count).text,
			       view->table.count == 1 ? "" : "s") &&
	       add_remarks(lines, view) && add_unnamed(lines, tree);
}

void title_lines_release(struct title_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->lines[i]);
	*lines = (struct title_lines){0};
}
