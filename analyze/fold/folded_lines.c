/* analyze/fold/folded_lines.c - stacks as lines of text, equal ones added up: a;b;c 12 */
#define _GNU_SOURCE
#include "analyze/fold/folded_lines.h"

#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"

struct line {
	uint64_t weight;
	char *text;
};

struct folded_lines {
	void *tree; /* of tsearch(3), ordered by text */
	bool annotate;
	struct line *last; /* to which a weight was added last */
	uint64_t kept;     /* bytes of all lines */
	FILE *writer;      /* writes one stack after the other into `buffer` */
	char *buffer;
	size_t size;
};

static const char *const suffixes[] = {
	[FOLD_ROOT] = "",    [FOLD_KERNEL] = "_[k]", [FOLD_USER] = "",
	[FOLD_LIBRARY] = "", [FOLD_JIT] = "_[j]",    [FOLD_INLINED] = "_[i]",
	[FOLD_UNKNOWN] = "", [FOLD_MARKER] = "",     [FOLD_LOST] = "",
};

static int compare(const void *left, const void *right)
{
	return strcmp(((const struct line *)left)->text, ((const struct line *)right)->text);
}

bool folded_lines_new(bool annotate, struct folded_lines **ret_lines)
{
	struct folded_lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		return false;
	lines->annotate = annotate;
	lines->writer = open_memstream(&lines->buffer, &lines->size);
	if (!lines->writer) {
		free(lines);
		return false;
	}
	*ret_lines = lines;
	return true;
}

/* Sets lines->buffer to the text, until the next call. */
static bool make_text(struct folded_lines *lines, const struct fold_stack *stack)
{
	rewind(lines->writer);
	for (size_t i = 0; i < stack->count; i++) {
		const struct fold_frame *frame = &stack->frames[i];

		if (i > 0)
			fputc(';', lines->writer);
		escape_write(lines->writer, ESCAPE_FRAME, frame->name.bytes, frame->name.size);
		if (lines->annotate)
			fputs(suffixes[frame->type], lines->writer);
	}
	fputc('\0', lines->writer);
	return fflush(lines->writer) == 0 && !ferror(lines->writer);
}

static struct line *add_line(struct folded_lines *lines)
{
	struct line *line = malloc(sizeof(*line));

	if (!line)
		return NULL;
	*line = (struct line){.text = strdup(lines->buffer)};
	if (line->text && tsearch(line, &lines->tree, compare)) {
		lines->kept += strlen(line->text) + sizeof(*line);
		return line;
	}
	free(line->text);
	free(line);
	return NULL;
}

bool folded_lines_add(struct folded_lines *lines, const struct fold_stack *stack)
{
	struct line key;
	struct line *const *found;
	struct line *line;

	if (!make_text(lines, stack))
		return false;
	key.text = lines->buffer;
	found = tfind(&key, &lines->tree, compare);
	line = found ? *found : add_line(lines);
	if (!line)
		return false;
	lines->last = line;
	if (__builtin_add_overflow(line->weight, stack->weight, &line->weight))
		line->weight = UINT64_MAX;
	return true;
}

uint64_t *folded_lines_sum(struct folded_lines *lines)
{
	return &lines->last->weight;
}

uint64_t folded_lines_kept(const struct folded_lines *lines)
{
	return lines->kept;
}

static void write_line(const void *node, VISIT visit, void *out)
{
	const struct line *line = *(const struct line *const *)node;

	if (visit == postorder || visit == leaf)
		fprintf(out, "%s %" PRIu64 "\n", line->text, line->weight);
}

void folded_lines_write(const struct folded_lines *lines, FILE *out)
{
	twalk_r(lines->tree, write_line, out);
}

static void free_line(void *node)
{
	struct line *line = node;

	free(line->text);
	free(line);
}

void folded_lines_free(struct folded_lines *lines)
{
	if (!lines)
		return;
	tdestroy(lines->tree, free_line);
	fclose(lines->writer);
	free(lines->buffer);
	free(lines);
}
