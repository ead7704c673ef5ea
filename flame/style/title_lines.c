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

/* Writes "; [truncated] 3.10 %, [lost] 0.20 %", or nothing. */
static void write_remarks(FILE *out, const struct view *view)
{
	const struct name *remarks[REMARKS_MAX];
	size_t count = find_remarks(&view->table, remarks);

	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%.*s %s %%", i > 0 ? ", " : "; ", (int)REMARK_BYTES,
			remarks[i]->text,
			amount_percent(remarks[i]->total[SIDE_NEW], view->tree.totals[SIDE_NEW])
				.text);
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

static bool run_has_unnamed(const struct tree *tree, const struct tree_run *run)
{
	for (uint32_t i = 0; i < run->length; i++)
		if (is_unnamed(&tree->table->items[tree->names[run->first + i]]))
			return true;
	return false;
}

/* Returns the weight of the stacks that contain such code. A parent comes before its children, so
 * that seen[] carries over from it. */
static uint64_t weigh_unnamed(const struct tree *tree, uint8_t *seen)
{
	uint64_t weight = 0;

	for (uint32_t i = 1; i < tree->run_count; i++) {
		const struct tree_run *run = &tree->runs[i];

		seen[i] = seen[run->parent];
		if (seen[i] || !run_has_unnamed(tree, run))
			continue;
		seen[i] = 1;
		weight += run->weight;
	}
	return weight;
}

static bool write_unnamed(FILE *out, const struct tree *tree)
{
	uint64_t weight;
	uint8_t *seen;

	if (!has_unnamed(tree->table))
		return true;
	seen = calloc(tree->run_count, 1);
	if (!seen)
		return false;
	weight = weigh_unnamed(tree, seen);
	free(seen);
	if (weight > 0)
		fprintf(out, "; without a symbol %s %%",
			amount_percent(weight, tree->totals[SIDE_NEW]).text);
	return true;
}

/* A count is exact, unless the number of samples, which says more, is beside it. */
static struct amount_text text_of(uint64_t weight, const struct amount_scale *scale,
				  uint64_t samples)
{
	return amount_is_scaled(scale) || samples > 0 ? amount_rounded(weight, scale)
						      : amount_exact(weight, scale);
}

/* "1,234 samples", "6.85 M cycles", "12.3 ms" */
static void write_amount(FILE *out, uint64_t weight, const struct amount_scale *scale,
			 uint64_t samples)
{
	fputs(text_of(weight, scale, samples).text, out);
	if (!amount_is_scaled(scale) && scale->unit[0])
		fprintf(out, " %s", scale->unit);
}

/* By how much the totals of a difference differ, in percent of the old one. */
static void write_change(FILE *out, const struct view *view, const struct amount_scale *scale)
{
	uint64_t now = view->tree.totals[SIDE_NEW];
	uint64_t before = view->tree.totals[SIDE_OLD];
	uint64_t change = now > before ? now - before : before - now;

	fprintf(out, "; %s before", text_of(before, scale, 0).text);
	if (view->options.normalize) {
		fputs(", scaled to the same total", out);
	} else if (now == before) {
		fputs(", the same total", out);
	} else {
		fprintf(out, ", %s%s", now > before ? "+" : "-", text_of(change, scale, 0).text);
		if (before > 0)
			fprintf(out, " or %s%s %%: to compare shares, use --normalize",
				now > before ? "+" : "-", amount_percent(change, before).text);
	}
}

/* Processes, control groups and so on are no functions. */
static uint32_t count_functions(const struct name_table *table)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < table->count; i++)
		count += table->items[i].type != FRAME_TYPE_GROUP;
	return count;
}

static bool write_totals(FILE *out, const struct view *view, const struct amount_scale *scale,
			 uint64_t samples)
{
	const struct tree *tree = &view->tree;
	uint32_t functions = count_functions(&view->table);

	if (samples > 0)
		fprintf(out, "%s sample%s, ", quantity_exact(samples).text,
			samples == 1 ? "" : "s");
	write_amount(out, tree->totals[SIDE_NEW], scale, samples);
	if (view->options.two_sides)
		write_change(out, view, scale);
	fprintf(out, "; %s function%s", quantity_exact(functions).text, functions == 1 ? "" : "s");
	write_remarks(out, view);
	return write_unnamed(out, tree);
}

bool title_lines_add_totals(struct title_lines *lines, const struct view *view,
			    const struct amount_scale *scale, uint64_t samples)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool done;

	if (!out)
		return false;
	done = write_totals(out, view, scale, samples);
	done = done && fflush(out) == 0 && !ferror(out);
	done = fclose(out) == 0 && done;
	/* On allocation failure, closing sets no text. */
	done = done && text && title_lines_add(lines, "%s", text);
	free(text);
	return done;
}

void title_lines_release(struct title_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->lines[i]);
	*lines = (struct title_lines){0};
}
