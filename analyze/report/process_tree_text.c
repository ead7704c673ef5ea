/* analyze/report/process_tree_text.c - a tree of processes as text */
#define _GNU_SOURCE
#include "analyze/report/process_tree_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/trace/timestamp.h"
#include "text/quantity.h"
#include "text/text_stream.h"

#define NONE PROCESS_TREE_NONE

/* Failures beside the path that are written at one process. */
#define BESIDE_SHOWN 4u

/* A tree that is deeper is cut, so that its lines stay readable. */
#define DEPTH_SHOWN 24u

/* Bytes of the lines before a process: at most seven for each level. */
#define PREFIX_BYTES (8u * DEPTH_SHOWN)

/* A shell exits with this plus the number of a signal. */
#define SIGNAL_STATUS 128u

/* Columns that a command line needs to be of use. */
#define COMMAND_COLUMNS 24u

struct writing {
	struct process_tree *tree;
	const struct process_tree_style *style;
	FILE *out;
	size_t failure; /* the first one; NONE: none */
	size_t lines;   /* written */
	uint64_t shown; /* processes written */
	uint64_t shown_failures;
	char prefix[PREFIX_BYTES];
	size_t prefix_size;
	size_t depth;
	bool failed; /* an allocation */
};

static const struct process_node *node_at(const struct writing *writing, size_t index)
{
	return process_tree_node(writing->tree, index);
}

static bool has_room(const struct writing *writing)
{
	return writing->style->lines == 0 || writing->lines < writing->style->lines;
}

/* "exit code 1", "exit code 139 (128 + SIGSEGV)", "SIGTERM" */
static void write_status(const struct process_node *node, FILE *out)
{
	uint32_t signal = node->exit_code - SIGNAL_STATUS;

	if (node->signal != 0) {
		fputs(signal_name(node->signal).text, out);
		return;
	}
	fprintf(out, "exit code %" PRIu32, node->exit_code);
	if (node->exit_code > SIGNAL_STATUS && signal <= SIGNAL_LARGEST)
		fprintf(out, " (128 + %s)", signal_name(signal).text);
}

static size_t count_later(const struct writing *writing, size_t index)
{
	const struct process_node *node = node_at(writing, index);
	size_t count = 0;

	for (size_t i = node_at(writing, node->parent)->first_child; i != NONE;
	     i = node_at(writing, i)->next_sibling)
		count += node_at(writing, i)->start_ns > node->end_ns &&
			 !node_at(writing, i)->is_orphan;
	return count;
}

/* Why the failure of a child had no consequence. */
static void write_tolerated(const struct writing *writing, size_t index, FILE *out)
{
	const struct process_node *node = node_at(writing, index);
	const struct process_node *parent = node_at(writing, node->parent);
	size_t later;

	if (node->is_orphan) {
		fputs("   (orphan: its parent had ended)", out);
	} else if (node->end_ns > parent->end_ns) {
		fprintf(out, "   ended after %s", parent->name);
	} else if (process_node_status(parent) == 0) {
		fprintf(out, "   tolerated: %s ended with 0", parent->name);
	} else if (writing->style->whole) {
		fputs(process_tree_is_tolerated(writing->tree, index) ? "   tolerated" : "", out);
	} else if (process_tree_is_tolerated(writing->tree, index)) {
		later = count_later(writing, index);
		fprintf(out, "   tolerated: %zu more %s followed", later,
			later == 1 ? "child" : "children");
	}
}

static bool has_failed_child(const struct writing *writing, const struct process_node *node)
{
	for (size_t i = node->first_child; i != NONE; i = node_at(writing, i)->next_sibling)
		if (process_node_status(node_at(writing, i)) != 0)
			return true;
	return false;
}

/* "   <== first failure, 15:03:52.111, 21 ms before make ended" */
static void write_marker(const struct writing *writing, size_t index, FILE *out)
{
	size_t root = process_tree_root(writing->tree);
	const struct process_node *node = node_at(writing, index);
	const struct process_node *top = root != NONE ? node_at(writing, root) : node;

	if (has_failed_child(writing, node))
		fputs(", its own failure", out);
	fprintf(out, "   %s<==%s %sfirst failure, %s",
		layout_style(writing->style->layout, LAYOUT_RED),
		layout_style(writing->style->layout, LAYOUT_PLAIN),
		process_tree_is_uncertain(writing->tree, index) ? "perhaps the " : "",
		timestamp_clock(node->end_unix_ns, writing->style->utc).text);
	if (top != node && top->end_ns > node->end_ns)
		fprintf(out, ", %s before %s ended",
			quantity_of_length(top->end_ns - node->end_ns).text, top->name);
}

/* ", passed up by bash if it is of one pipeline with the 2 children that followed" */
static void write_uncertain(const struct writing *writing, size_t index, FILE *out)
{
	size_t later = count_later(writing, index);

	fprintf(out, ", passed up by %s if it is of one pipeline with the ",
		node_at(writing, node_at(writing, index)->parent)->name);
	if (later == 1)
		fputs("child that followed", out);
	else
		fprintf(out, "%zu children that followed", later);
}

static void write_end(const struct writing *writing, size_t index, FILE *out)
{
	const struct process_node *node = node_at(writing, index);
	const struct process_node *parent =
		node->parent != NONE ? node_at(writing, node->parent) : NULL;
	uint32_t status = process_node_status(node);

	if (status == 0) {
		fputs("ended with 0", out);
		return;
	}
	if (!node->is_on_path) {
		write_status(node, out);
		if (parent)
			write_tolerated(writing, index, out);
		return;
	}
	if (node->signal != 0 || index == writing->failure)
		fputs(node->text, out);
	else
		write_status(node, out);
	if (parent && node->is_uncertain)
		write_uncertain(writing, index, out);
	else if (parent && process_node_status(parent) == status)
		fprintf(out, ", passed up by %s", parent->name);
	if (index == writing->failure)
		write_marker(writing, index, out);
}

static char *make_line(const struct writing *writing, size_t index)
{
	const struct process_node *node = node_at(writing, index);
	const struct layout *layout = writing->style->layout;
	struct text_stream stream;

	if (text_stream_open(&stream)) {
		fprintf(stream.out, "%s%s%s[%" PRIu64 "]  ", layout_style(layout, LAYOUT_BOLD),
			node->name, layout_style(layout, LAYOUT_PLAIN), node->pid);
		write_end(writing, index, stream.out);
		if (node->parent == NONE && index != process_tree_root(writing->tree) &&
		    node->parent_name)
			fprintf(stream.out, "   below %s[%" PRIu64 "]", node->parent_name,
				node->parent_pid);
	}
	return text_stream_close(&stream);
}

/* Appends the command line if there is room for it. Takes ownership of the line. Returns NULL on
 * allocation failure. */
static char *add_command(const struct writing *writing, size_t index, char *line, size_t column)
{
	const char *command = node_at(writing, index)->command;
	size_t used = column + (line ? layout_columns(line) : 0) + 4;
	size_t width = writing->style->layout->width;
	char *cut, *joined;

	if (!line || !command || used + COMMAND_COLUMNS > width)
		return line;
	cut = layout_cut_middle(command, width - used);
	if (!cut || asprintf(&joined, "%s    %s", line, cut) < 0)
		joined = NULL;
	free(cut);
	free(line);
	return joined;
}

/* Writes one process. `branch`: the characters before its name. */
static void write_line(struct writing *writing, size_t index, const char *branch)
{
	size_t column = layout_columns(writing->prefix) + layout_columns(branch);
	char *line = make_line(writing, index);

	line = add_command(writing, index, line, column);
	if (!line) {
		writing->failed = true;
		return;
	}
	fprintf(writing->out, "%s%s", writing->prefix, branch);
	writing->lines +=
		layout_paragraph(writing->style->layout, writing->out, column, column + 3, line);
	writing->shown++;
	writing->shown_failures += process_node_status(node_at(writing, index)) != 0;
	free(line);
}

/* Returns whether a child is written below its parent. */
static bool is_written(const struct writing *writing, size_t index)
{
	const struct process_node *node = node_at(writing, index);

	return writing->style->whole || node->is_on_path || process_node_status(node) != 0;
}

/* Returns the next child that is written, from `index` on. Of failures beside the path, only the
 * first ones are written. */
static size_t next_written(const struct writing *writing, size_t index, size_t *beside)
{
	for (; index != NONE; index = node_at(writing, index)->next_sibling) {
		if (!is_written(writing, index))
			continue;
		if (writing->style->whole || node_at(writing, index)->is_on_path ||
		    (*beside)++ < BESIDE_SHOWN)
			return index;
	}
	return NONE;
}

static void write_below(struct writing *writing, size_t index);

static void write_child(struct writing *writing, size_t index, bool is_last)
{
	bool utf8 = writing->style->layout->utf8;
	const char *branch = is_last ? (utf8 ? "└─ " : "`- ") : (utf8 ? "├─ " : "|- ");
	const char *below = is_last ? "   " : (utf8 ? "│  " : "|  ");
	size_t size = writing->prefix_size;

	write_line(writing, index, branch);
	if (writing->depth == DEPTH_SHOWN ||
	    (!writing->style->whole && !node_at(writing, index)->is_on_path))
		return;
	memcpy(writing->prefix + size, below, strlen(below) + 1);
	writing->prefix_size += strlen(below);
	writing->depth++;
	write_below(writing, index);
	writing->depth--;
	writing->prefix_size = size;
	writing->prefix[size] = '\0';
}

/* Writes the children of a process. The depth of the calls has a limit. */
static void write_below(struct writing *writing, size_t index)
{
	size_t beside = 0;
	size_t child = next_written(writing, node_at(writing, index)->first_child, &beside);

	while (child != NONE && has_room(writing) && !writing->failed) {
		size_t next = next_written(writing, node_at(writing, child)->next_sibling, &beside);

		write_child(writing, child, next == NONE);
		child = next;
	}
}

static void write_top(struct writing *writing, size_t index)
{
	write_line(writing, index, "");
	write_below(writing, index);
}

/* "(38 others ended with 0, 5 more failed and were tolerated)" */
static void write_others(struct writing *writing)
{
	uint64_t failures = 0;
	uint64_t others, more;
	size_t count = process_tree_count(writing->tree);

	for (size_t i = 0; i < count; i++)
		failures += process_node_status(node_at(writing, i)) != 0;
	more = failures - writing->shown_failures;
	others = count - writing->shown - more;
	if (others + more == 0)
		return;
	fputc('(', writing->out);
	if (others > 0)
		fprintf(writing->out, "%s %s ended with 0", quantity_exact(others).text,
			others == 1 ? "other" : "others");
	if (more > 0)
		fprintf(writing->out, "%s%s more failed", others > 0 ? ", " : "",
			quantity_exact(more).text);
	fputs(writing->style->whole ? "; --top 0 shows all)\n" : ")\n", writing->out);
}

bool process_tree_write(struct process_tree *tree, const struct process_tree_style *style,
			FILE *out)
{
	size_t root = process_tree_root(tree);
	struct writing writing = {
		.tree = tree,
		.style = style,
		.out = out,
		.failure = process_tree_first_failure(tree, root),
	};

	if (root != NONE)
		write_top(&writing, root);
	else
		for (size_t i = process_tree_next_top(tree, NONE);
		     i != NONE && has_room(&writing) && !writing.failed;
		     i = process_tree_next_top(tree, i))
			write_top(&writing, i);
	write_others(&writing);
	return !writing.failed;
}
