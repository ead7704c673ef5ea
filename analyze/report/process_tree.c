/* analyze/report/process_tree.c - ended processes as a tree, and the first failure in it */
#define _GNU_SOURCE
#include "analyze/report/process_tree.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "base/array.h"
#include "text/text_stream.h"

#define NONE PROCESS_TREE_NONE

/* Status of a shell for a command that a signal ended. */
#define SIGNAL_STATUS 128u

#define RECORDER "diag-record"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct process_tree {
	struct process_node *nodes; /* after linking: by boot, pid and start */
	size_t count;
	size_t capacity;
	size_t root;
	size_t first_top; /* of those without a parent, linked by next_sibling */
	bool is_full;
};

struct process_tree *process_tree_new(void)
{
	struct process_tree *tree = calloc(1, sizeof(*tree));

	if (tree)
		tree->root = NONE;
	return tree;
}

/* Returns a copy as it is printed; NULL on allocation failure. */
static char *copy_text(const struct trace_file *file, uint64_t string)
{
	struct text_stream stream;

	if (text_stream_open(&stream))
		task_text_text(stream.out, trace_text(file, string));
	return text_stream_close(&stream);
}

static void free_texts(struct process_node *node)
{
	free(node->name);
	free(node->text);
	free(node->command);
	free(node->parent_name);
}

static bool add_node(struct process_tree *tree, const struct process_node *node)
{
	struct process_node *grown = array_grow(tree->nodes, &tree->capacity, tree->count + 1,
						sizeof(*grown), 2 * PROCESS_TREE_MAX);

	if (!grown)
		return false;
	tree->nodes = grown;
	grown[tree->count++] = *node;
	return true;
}

static struct process_node node_of(const struct trace_file *file, const struct dz_task *task)
{
	const struct dz_task *parent = dz_reader_task(file->reader, task->parent);
	struct process_node node = {
		.pid = task->pid,
		.start_ns = task->process_start,
		.boot = file->boot,
		.parent = NONE,
		.first_child = NONE,
		.next_sibling = NONE,
	};

	if (parent) {
		node.parent_pid = parent->pid;
		node.parent_start_ns = parent->process_start;
	}
	return node;
}

static bool set_texts(struct process_node *node, const struct visitor_event *event)
{
	const struct dz_task *task = event->task;
	bool is_failed = process_node_status(node) != 0;

	node->name = copy_text(event->file, trace_process_comm(task));
	node->text = is_failed ? cause_text_string(event->cause) : NULL;
	node->command = is_failed && task->command_line != 0
				? copy_text(event->file, task->command_line)
				: NULL;
	if (node->parent_pid != 0)
		node->parent_name = copy_text(
			event->file,
			trace_process_comm(dz_reader_task(event->file->reader, task->parent)));
	return node->name && (node->parent_name || node->parent_pid == 0) &&
	       (!is_failed || node->text) &&
	       (!is_failed || task->command_line == 0 || node->command);
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct process_tree *tree = context;
	const struct dz_exit *row = event->event->row;
	struct process_node node;

	if (!row || row->thread || !event->task)
		return true;
	if (tree->count == PROCESS_TREE_MAX) {
		tree->is_full = true;
		return true;
	}
	node = node_of(event->file, event->task);
	node.end_ns = row->time;
	node.end_unix_ns = event->unix_ns;
	node.signal = (uint32_t)row->signal;
	node.exit_code = (uint32_t)row->exit_code;
	if (set_texts(&node, event) && add_node(tree, &node))
		return true;
	free_texts(&node);
	return false;
}

struct visitor process_tree_visitor(struct process_tree *tree)
{
	return (struct visitor){
		.context = tree,
		.kinds = VISITOR_KIND(DZ_KIND_EXIT),
		.visit = visit,
	};
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_nodes(const void *left, const void *right)
{
	const struct process_node *a = left, *b = right;
	int order = compare_numbers(a->boot, b->boot);

	order = order ? order : compare_numbers(a->pid, b->pid);
	return order ? order : compare_numbers(a->start_ns, b->start_ns);
}

static size_t find_node(const struct process_tree *tree, uint32_t boot, uint64_t pid,
			uint64_t start_ns)
{
	const struct process_node key = {.boot = boot, .pid = pid, .start_ns = start_ns};
	const struct process_node *found = tree->count > 0
						   ? bsearch(&key, tree->nodes, tree->count,
							     sizeof(*tree->nodes), compare_nodes)
						   : NULL;

	return found ? (size_t)(found - tree->nodes) : NONE;
}

/* The same process twice, of two files that overlap, is one. */
static void remove_repeated(struct process_tree *tree)
{
	size_t kept = 0;

	for (size_t i = 0; i < tree->count; i++) {
		if (kept > 0 && compare_nodes(&tree->nodes[kept - 1], &tree->nodes[i]) == 0)
			free_texts(&tree->nodes[i]);
		else
			tree->nodes[kept++] = tree->nodes[i];
	}
	tree->count = kept;
}

static size_t find_root(const struct process_tree *tree, uint64_t command)
{
	size_t first = NONE;

	for (size_t i = 0; i < tree->count; i++) {
		const struct process_node *node = &tree->nodes[i];

		if (command != 0 && node->pid == command)
			return i;
		if (first == NONE || node->start_ns < tree->nodes[first].start_ns)
			first = i;
	}
	return command == 0 ? first : NONE;
}

struct child {
	uint64_t start_ns;
	size_t index;
};

static int compare_children(const void *left, const void *right)
{
	const struct child *a = left, *b = right;
	int order = compare_numbers(b->start_ns, a->start_ns);

	return order ? order : compare_numbers(b->index, a->index);
}

static void add_child(struct process_tree *tree, size_t parent, size_t index)
{
	struct process_node *node = &tree->nodes[index];
	struct process_node *above = &tree->nodes[parent];

	node->parent = parent;
	node->next_sibling = above->first_child;
	above->first_child = index;
	above->children++;
	if (node->start_ns > above->last_start_ns && !node->is_orphan)
		above->last_start_ns = node->start_ns;
}

/* What has no parent in the tree of a COMMAND was started by a process that had ended. */
static size_t find_parent(struct process_tree *tree, size_t index)
{
	struct process_node *node = &tree->nodes[index];
	size_t parent = find_node(tree, node->boot, node->parent_pid, node->parent_start_ns);

	if (index == tree->root || parent == index)
		return NONE;
	if (parent != NONE || tree->root == NONE)
		return parent;
	node->is_orphan = true;
	return tree->root;
}

bool process_tree_link(struct process_tree *tree, enum process_tree_root root, uint64_t command)
{
	struct child *children = calloc(tree->count + 1, sizeof(*children));

	if (!children)
		return false;
	if (tree->count > 0)
		qsort(tree->nodes, tree->count, sizeof(*tree->nodes), compare_nodes);
	remove_repeated(tree);
	tree->root = root == PROCESS_TREE_COMMAND ? find_root(tree, command) : NONE;
	tree->first_top = NONE;
	for (size_t i = 0; i < tree->count; i++)
		children[i] = (struct child){tree->nodes[i].start_ns, i};
	/* The last one first: each child is put before its siblings. */
	qsort(children, tree->count, sizeof(*children), compare_children);
	for (size_t i = 0; i < tree->count; i++) {
		size_t parent = find_parent(tree, children[i].index);

		if (parent != NONE && tree->nodes[parent].start_ns < children[i].start_ns) {
			add_child(tree, parent, children[i].index);
			continue;
		}
		tree->nodes[children[i].index].next_sibling = tree->first_top;
		tree->first_top = children[i].index;
	}
	free(children);
	return true;
}

bool process_tree_is_complete(const struct process_tree *tree)
{
	return !tree->is_full;
}

size_t process_tree_count(const struct process_tree *tree)
{
	return tree->count;
}

const struct process_node *process_tree_node(const struct process_tree *tree, size_t index)
{
	return &tree->nodes[index];
}

size_t process_tree_next_top(const struct process_tree *tree, size_t previous)
{
	return previous == NONE ? tree->first_top : tree->nodes[previous].next_sibling;
}

size_t process_tree_root(const struct process_tree *tree)
{
	return tree->root;
}

uint32_t process_node_status(const struct process_node *node)
{
	return node->signal != 0 ? SIGNAL_STATUS + node->signal : node->exit_code;
}

bool process_tree_is_tolerated(const struct process_tree *tree, size_t index)
{
	const struct process_node *node = &tree->nodes[index];
	const struct process_node *parent;

	if (node->parent == NONE)
		return false;
	parent = &tree->nodes[node->parent];
	return node->is_orphan || node->end_ns > parent->end_ns ||
	       process_node_status(parent) == 0 || parent->last_start_ns > node->end_ns;
}

/* Programs that start others after a failure, and report it at their end. */
static bool is_runner(const struct process_node *node)
{
	static const char *const names[] = {
		"make", "gmake", "ninja", "xargs", "parallel", "find", "run-parts", "ctest",
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(node->name, names[i]) == 0)
			return true;
	return false;
}

static bool is_better(const struct process_tree *tree, size_t index, size_t other, uint32_t status)
{
	const struct process_node *a = &tree->nodes[index];
	const struct process_node *b;
	bool same_a, same_b;

	if (other == NONE)
		return true;
	b = &tree->nodes[other];
	same_a = process_node_status(a) == status;
	same_b = process_node_status(b) == status;
	return same_a != same_b ? same_a : a->end_ns < b->end_ns;
}

/* Returns the failed child that leads to the first failure; NONE if no child does. */
static size_t find_failed_child(const struct process_tree *tree, size_t index, bool tolerated)
{
	const struct process_node *node = &tree->nodes[index];
	size_t best = NONE;

	for (size_t i = node->first_child; i != NONE; i = tree->nodes[i].next_sibling) {
		const struct process_node *child = &tree->nodes[i];

		if (process_node_status(child) == 0 || child->is_orphan ||
		    child->end_ns > node->end_ns ||
		    (!tolerated && process_tree_is_tolerated(tree, i)))
			continue;
		if (is_better(tree, i, best, process_node_status(node)))
			best = i;
	}
	return best;
}

/* Whether the children that started after the end of a child ran at the same time, as those of a
 * pipeline do. */
static bool is_before_pipeline(const struct process_tree *tree, size_t index)
{
	uint64_t first_end_ns = UINT64_MAX;

	/* In the order of their starts. */
	for (size_t i = tree->nodes[index].next_sibling; i != NONE;
	     i = tree->nodes[i].next_sibling) {
		const struct process_node *next = &tree->nodes[i];

		if (next->is_orphan || next->start_ns <= tree->nodes[index].end_ns)
			continue;
		if (next->start_ns > first_end_ns)
			return false;
		if (next->end_ns < first_end_ns)
			first_end_ns = next->end_ns;
	}
	return true;
}

/* Returns the last failed child with the status of its parent that can be of its last pipeline;
 * NONE if there is none. */
static size_t find_uncertain_child(const struct process_tree *tree, size_t index)
{
	const struct process_node *node = &tree->nodes[index];
	size_t last = NONE;

	for (size_t i = node->first_child; i != NONE; i = tree->nodes[i].next_sibling) {
		const struct process_node *child = &tree->nodes[i];

		if (process_node_status(child) == process_node_status(node) && !child->is_orphan &&
		    child->end_ns <= node->end_ns && is_before_pipeline(tree, i))
			last = i;
	}
	return last;
}

size_t process_tree_first_failure(struct process_tree *tree, size_t root)
{
	size_t failure = root;

	if (root == NONE || process_node_status(&tree->nodes[root]) == 0)
		return NONE;
	/* A child starts after its parent, so this ends. */
	while (true) {
		struct process_node *node = &tree->nodes[failure];
		size_t child;

		node->is_on_path = true;
		child = find_failed_child(tree, failure, false);
		if (child == NONE && is_runner(node))
			child = find_failed_child(tree, failure, true);
		if (child == NONE) {
			child = find_uncertain_child(tree, failure);
			if (child == NONE)
				return failure;
			tree->nodes[child].is_uncertain = true;
		}
		failure = child;
	}
}

bool process_tree_is_uncertain(const struct process_tree *tree, size_t index)
{
	for (; index != NONE; index = tree->nodes[index].parent)
		if (tree->nodes[index].is_uncertain)
			return true;
	return false;
}

void process_tree_free(struct process_tree *tree)
{
	if (!tree)
		return;
	for (size_t i = 0; i < tree->count; i++)
		free_texts(&tree->nodes[i]);
	free(tree->nodes);
	free(tree);
}
