/* analyze/fold/fold_format.c - the formats of diag-fold: how stacks are collected and written */
#include "analyze/fold/fold_format.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/fold/folded_lines.h"
#include "analyze/fold/perf_text.h"
#include "analyze/fold/pprof.h"
#include "analyze/fold/speedscope.h"
#include "analyze/fold/stack_table.h"

static void *open_folded(enum fold_unit unit, bool annotate, FILE *out)
{
	struct folded_lines *lines;

	(void)unit;
	(void)out;
	return folded_lines_new(annotate, &lines) ? lines : NULL;
}

static bool add_folded(void *state, const struct fold_stack *stack)
{
	return folded_lines_add(state, stack);
}

static uint64_t *sum_folded(void *state)
{
	return folded_lines_sum(state);
}

static uint64_t kept_folded(void *state)
{
	return folded_lines_kept(state);
}

static bool finish_folded(void *state, const struct fold_description *description, FILE *out)
{
	(void)description;
	folded_lines_write(state, out);
	return true;
}

static void close_folded(void *state)
{
	folded_lines_free(state);
}

static void close_table(void *state)
{
	if (state)
		stack_table_release(state);
	free(state);
}

static void *open_table(enum fold_unit unit, bool has_labels)
{
	struct stack_table *table = calloc(1, sizeof(*table));

	if (table && stack_table_init(table, unit, has_labels))
		return table;
	close_table(table);
	return NULL;
}

static bool add_to_table(void *state, const struct fold_stack *stack)
{
	return stack_table_add(state, stack);
}

static void *open_speedscope(enum fold_unit unit, bool annotate, FILE *out)
{
	(void)annotate;
	(void)out;
	return open_table(unit, false);
}

static bool finish_speedscope(void *state, const struct fold_description *description, FILE *out)
{
	speedscope_write(state, description->kinds, out);
	return true;
}

static void *open_pprof(enum fold_unit unit, bool annotate, FILE *out)
{
	(void)annotate;
	(void)out;
	return open_table(unit, true);
}

static bool finish_pprof(void *state, const struct fold_description *description, FILE *out)
{
	return pprof_write(state, description, out);
}

struct perf_script {
	enum fold_unit unit;
	FILE *out;
};

static void *open_perf_script(enum fold_unit unit, bool annotate, FILE *out)
{
	struct perf_script *script = malloc(sizeof(*script));

	(void)annotate;
	if (script)
		*script = (struct perf_script){unit, out};
	return script;
}

/* A fold need not end after a write error: the stream keeps it. */
static bool write_perf_script(void *state, const struct fold_stack *stack)
{
	const struct perf_script *script = state;

	perf_text_write(stack, script->unit, script->out);
	return true;
}

static const struct fold_format formats[] = {
	{"folded", true, true, open_folded, add_folded, sum_folded, kept_folded, finish_folded,
	 close_folded},
	{"pprof", false, true, open_pprof, add_to_table, NULL, NULL, finish_pprof, close_table},
	{"speedscope", false, true, open_speedscope, add_to_table, NULL, NULL, finish_speedscope,
	 close_table},
	{"perf-script", false, false, open_perf_script, write_perf_script, NULL, NULL, NULL, free},
};

const struct fold_format *fold_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

const char *fold_format_list(void)
{
	return "folded, pprof, speedscope and perf-script";
}
