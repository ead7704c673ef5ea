/* analyze/cause/process_table.c - state of living processes, in bounded memory */
#define _GNU_SOURCE
#include "analyze/cause/process_table.h"

#include <search.h>
#include <stdlib.h>

#include "analyze/cause/signal_kind.h"

/* Beyond these numbers, the least recently used processes are removed. A handled signal counts as
 * two. At most about 64 MiB. */
#define PROCESSES_MAX 65536u
#define SIGNALS_MAX   262144u

/* For one process, so that a flood of signals neither displaces other processes nor makes searches
 * slow. */
#define SIGNALS_PER_PROCESS_MAX  64u
#define HANDLED_PER_PROCESS_MAX  16u
#define CHILDREN_PER_PROCESS_MAX 4u
#define HANDLED_WEIGHT           2u

/* The kernel queues every real-time signal, but only one of each other number. */
#define REAL_TIME_FIRST 32u

struct process_table {
	void *tree; /* of tsearch(3): balanced for any keys */
	struct process *oldest;
	struct process *newest;
	size_t count;
	size_t signal_count;
};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* A process begins with its key. */
static int compare(const void *left, const void *right)
{
	const struct process_key *a = left;
	const struct process_key *b = right;
	int order = compare_numbers(a->pid, b->pid);

	if (order == 0)
		order = compare_numbers(a->start_ns, b->start_ns);
	return order != 0 ? order : compare_numbers(a->boot, b->boot);
}

bool process_table_new(struct process_table **ret_table)
{
	struct process_table *table = calloc(1, sizeof(*table));

	if (!table)
		return false;
	*ret_table = table;
	return true;
}

static void unlink_process(struct process_table *table, struct process *process)
{
	*(process->older ? &process->older->newer : &table->oldest) = process->newer;
	*(process->newer ? &process->newer->older : &table->newest) = process->older;
}

static void link_newest(struct process_table *table, struct process *process)
{
	process->older = table->newest;
	process->newer = NULL;
	*(table->newest ? &table->newest->newer : &table->oldest) = process;
	table->newest = process;
}

static struct process_key make_key(const struct trace_file *file, const struct dz_task *task)
{
	return (struct process_key){
		.pid = task->pid,
		.start_ns = task->process_start,
		.boot = file->boot,
	};
}

struct process *process_table_find(struct process_table *table, const struct trace_file *file,
				   const struct dz_task *task)
{
	struct process_key key = make_key(file, task);
	struct process *const *found = tfind(&key, &table->tree, compare);

	if (!found)
		return NULL;
	unlink_process(table, *found);
	link_newest(table, *found);
	return *found;
}

static struct process *add(struct process_table *table, const struct process_key *key)
{
	struct process *process = malloc(sizeof(*process));

	if (!process)
		return NULL;
	*process = (struct process){.key = *key};
	if (!tsearch(process, &table->tree, compare)) {
		free(process);
		return NULL;
	}
	link_newest(table, process);
	table->count++;
	return process;
}

struct process *process_table_touch(struct process_table *table, const struct trace_file *file,
				    const struct dz_task *task)
{
	struct process *process = process_table_find(table, file, task);
	struct process_key key = make_key(file, task);

	if (process)
		return process;
	if (table->count >= PROCESSES_MAX)
		process_table_remove(table, table->oldest);
	return add(table, &key);
}

/* Returns whether the kernel would have dropped the newer signal if the older one were still
 * pending: the older one was taken meanwhile. */
static bool is_replaced(const struct process_signal *old, const struct process_signal *new)
{
	const struct dz_signal *a = &old->signal.row;
	const struct dz_signal *b = &new->signal.row;

	if (a->signal != b->signal || a->signal >= REAL_TIME_FIRST || !a->group != !b->group)
		return false;
	return a->group || old->receiver_tid == new->receiver_tid;
}

/* Removes and frees the signal that *link points to. */
static void remove_signal(struct process_table *table, struct process_signal **link)
{
	struct process_signal *removed = *link;

	*link = removed->next;
	free(removed);
	table->signal_count--;
}

/* Removes the signals that the new one replaces. Returns the end of the list, where it is added. */
static struct process_signal **make_place(struct process_table *table, struct process *process,
					  const struct process_signal *new)
{
	struct process_signal **link = &process->signals;
	size_t kept = 0;

	while (*link) {
		if (is_replaced(*link, new)) {
			remove_signal(table, link);
			continue;
		}
		kept++;
		link = &(*link)->next;
	}
	if (kept == SIGNALS_PER_PROCESS_MAX)
		remove_signal(table, &process->signals);
	for (link = &process->signals; *link;)
		link = &(*link)->next;
	return link;
}

/* Removes the least recently used processes, but not this one. */
static void limit_signals(struct process_table *table, const struct process *process)
{
	while (table->signal_count > SIGNALS_MAX && table->oldest != process)
		process_table_remove(table, table->oldest);
}

bool process_add_signal(struct process_table *table, struct process *process,
			const struct cause_signal *signal, uint32_t receiver_tid)
{
	struct process_signal *new = malloc(sizeof(*new));

	if (!new)
		return false;
	*new = (struct process_signal){.signal = *signal, .receiver_tid = receiver_tid};
	*make_place(table, process, new) = new;
	table->signal_count++;
	limit_signals(table, process);
	return true;
}

const struct process_signal *process_find_signal(const struct process *process, uint32_t number,
						 uint32_t tid)
{
	const struct process_signal *other = NULL;

	for (const struct process_signal *at = process->signals; at; at = at->next) {
		if (at->signal.row.signal != number)
			continue;
		/* The kernel searches the queue of the thread first. A signal that kills another
		 * thread also kills this one. */
		if (!at->signal.row.group && at->receiver_tid == tid)
			return at;
		if (!other)
			other = at;
	}
	return other;
}

void process_remove_signal(struct process_table *table, struct process *process,
			   const struct process_signal *signal)
{
	struct process_signal **link = &process->signals;

	while (*link != signal)
		link = &(*link)->next;
	remove_signal(table, link);
}

/* Returns whether the kernel sends it again and again while a program works. */
static bool is_routine(const struct process_handled *handled)
{
	return handled->kind == CAUSE_TIMER || handled->kind == CAUSE_CHILD ||
	       handled->kind == CAUSE_IO || signal_kind_is_own(handled->kind);
}

/* Unlinks an entry that a new one replaces, and returns it. Returns NULL if there is room. */
static struct process_handled *take_replaced(struct process *process,
					     const struct process_handled *new)
{
	struct process_handled **replaced = &process->handled;
	struct process_handled *taken;
	bool is_routine_found = false;
	size_t count = 0;

	for (struct process_handled **link = &process->handled; *link; link = &(*link)->next) {
		count++;
		if ((*link)->delivery.row.signal == new->delivery.row.signal &&
		    (*link)->tid == new->tid) {
			replaced = link;
			count = HANDLED_PER_PROCESS_MAX;
			break;
		}
		if (!is_routine_found && is_routine(*link)) {
			replaced = link;
			is_routine_found = true;
		}
	}
	if (count < HANDLED_PER_PROCESS_MAX)
		return NULL;
	taken = *replaced;
	*replaced = taken->next;
	return taken;
}

bool process_add_handled(struct process_table *table, struct process *process,
			 const struct process_handled *handled)
{
	struct process_handled *new = take_replaced(process, handled);
	struct process_handled **link = &process->handled;

	if (!new) {
		new = malloc(sizeof(*new));
		if (!new)
			return false;
		table->signal_count += HANDLED_WEIGHT;
	}
	*new = *handled;
	new->next = NULL;
	while (*link)
		link = &(*link)->next;
	*link = new;
	limit_signals(table, process);
	return true;
}

static void remove_handled(struct process_table *table, struct process *process)
{
	while (process->handled) {
		struct process_handled *removed = process->handled;

		process->handled = removed->next;
		free(removed);
		table->signal_count -= HANDLED_WEIGHT;
	}
}

static void remove_child(struct process_table *table, struct process_child **link)
{
	struct process_child *removed = *link;

	*link = removed->next;
	free(removed);
	table->signal_count--;
}

bool process_add_child(struct process_table *table, struct process *process,
		       const struct cause_child *child)
{
	struct process_child *new = malloc(sizeof(*new));
	struct process_child **link = &process->children;
	size_t kept = 0;

	if (!new)
		return false;
	*new = (struct process_child){.child = *child};
	while (*link) {
		if ((*link)->child.signal == child->signal &&
		    (*link)->child.exit_code == child->exit_code) {
			remove_child(table, link);
			continue;
		}
		kept++;
		link = &(*link)->next;
	}
	*link = new;
	table->signal_count++;
	if (kept == CHILDREN_PER_PROCESS_MAX)
		remove_child(table, &process->children);
	limit_signals(table, process);
	return true;
}

const struct cause_child *process_find_child(const struct process *process, uint32_t signal,
					     uint32_t exit_code)
{
	for (const struct process_child *at = process->children; at; at = at->next)
		if (at->child.signal == signal && at->child.exit_code == exit_code)
			return &at->child;
	return NULL;
}

void process_table_remove(struct process_table *table, struct process *process)
{
	while (process->children)
		remove_child(table, &process->children);
	remove_handled(table, process);
	while (process->signals)
		remove_signal(table, &process->signals);
	tdelete(process, &table->tree, compare);
	unlink_process(table, process);
	table->count--;
	free(process);
}

void process_table_clear(struct process_table *table)
{
	while (table->oldest)
		process_table_remove(table, table->oldest);
}

size_t process_table_count(const struct process_table *table)
{
	return table->count;
}

void process_table_free(struct process_table *table)
{
	if (!table)
		return;
	process_table_clear(table);
	free(table);
}
