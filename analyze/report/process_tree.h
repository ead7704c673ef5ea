/* analyze/report/process_tree.h - ended processes as a tree, and the first failure in it
 *
 * A failure is tolerated if the parent ended with 0, or started another child after it. Below the
 * root, the failures that are not tolerated lead to the first one: at each process, the child with
 * the same status, else the one that ended first. Only children that ended before their parent
 * count. Programs such as make -k and xargs go on after a failure and report it at their end: if
 * they tolerated all failures, the first of them counts.
 *
 * A process of a pipeline can end before the next one starts. If all failures below a process are
 * tolerated, one of them has its status, and the children that followed it can be one pipeline, it
 * is not known whether that failure was passed up: the tree leads to it, and the marks say so.
 */
#ifndef ANALYZE_REPORT_PROCESS_TREE_H
#define ANALYZE_REPORT_PROCESS_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/replay/visitor.h"

/* Processes of a tree. Beyond them, process_tree_is_complete() is false. */
#define PROCESS_TREE_MAX 100000u

/* No process. */
#define PROCESS_TREE_NONE SIZE_MAX

/* A process that ended. Texts are owned by the tree and escaped. */
struct process_node {
	uint64_t pid;
	uint64_t start_ns; /* CLOCK_BOOTTIME; with pid, the identity */
	uint64_t end_ns;   /* CLOCK_BOOTTIME */
	uint64_t end_unix_ns;
	uint32_t boot;
	uint32_t signal; /* that ended it; 0: none */
	uint32_t exit_code;
	bool is_orphan; /* its first parent had ended, and is not known */
	char *name;
	char *text;        /* of its end; NULL if it ended with 0 */
	char *command;     /* line with which it was started; NULL: not recorded */
	char *parent_name; /* NULL: unknown */
	uint64_t parent_pid;
	uint64_t parent_start_ns;
	size_t parent;          /* index; PROCESS_TREE_NONE: none */
	size_t first_child;     /* the first that started */
	size_t next_sibling;    /* the next that started */
	uint64_t last_start_ns; /* of the child that started last; 0: no children */
	size_t children;
	bool is_on_path;   /* from the root to the first failure */
	bool is_uncertain; /* on the path: perhaps its parent tolerated it */
};

struct process_tree;

/* Returns NULL on allocation failure. */
struct process_tree *process_tree_new(void);

/* Returns a visitor that adds exits of processes. It stops on allocation failure. */
struct visitor process_tree_visitor(struct process_tree *tree);

/* How the root of the tree is found. */
enum process_tree_root {
	PROCESS_TREE_FOREST,  /* there is none */
	PROCESS_TREE_COMMAND, /* the COMMAND of the recording */
};

/* Joins parents and children. `command`: the process id of the COMMAND, 0 if it is not known: then
 * it is the first process that started, since all others are below it. Call once, after the replay.
 * Returns false on allocation failure. */
bool process_tree_link(struct process_tree *tree, enum process_tree_root root, uint64_t command);

/* Returns whether all processes are in the tree. */
bool process_tree_is_complete(const struct process_tree *tree);

/* Returns the number of processes, and one of them. */
size_t process_tree_count(const struct process_tree *tree);
const struct process_node *process_tree_node(const struct process_tree *tree, size_t index);

/* Returns the first process that started and has no parent in the tree, or the next one after
 * `previous`; PROCESS_TREE_NONE after the last. */
size_t process_tree_next_top(const struct process_tree *tree, size_t previous);

/* Returns the COMMAND; PROCESS_TREE_NONE if its end is not in the tree. */
size_t process_tree_root(const struct process_tree *tree);

/* Returns the status as a shell shows it: the exit code, or 128 plus the signal. */
uint32_t process_node_status(const struct process_node *node);

/* Returns whether a failure had no consequence for its parent, as far as the order shows. */
bool process_tree_is_tolerated(const struct process_tree *tree, size_t index);

/* Finds the first failure at or below a process, and marks the path to it. PROCESS_TREE_NONE if the
 * process did not fail. */
size_t process_tree_first_failure(struct process_tree *tree, size_t root);

/* Returns whether a process on the path, or one above it, is uncertain. */
bool process_tree_is_uncertain(const struct process_tree *tree, size_t index);

/* Frees everything. NULL is allowed. */
void process_tree_free(struct process_tree *tree);

#endif
