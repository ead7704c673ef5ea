/* analyze/report/answers.c - which processes died, how, and who sent the signal: the worst first */
#define _GNU_SOURCE
#include "analyze/report/answers.h"

#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "abi/system_call.h"
#include "analyze/cause/culprit.h"
#include "analyze/cause/task_text.h"

/* Exits of further groups are only counted. */
#define GROUPS_MAX 4096u

/* Frames of a call stack on one line. */
#define FRAMES_SHOWN 8u

/* Spaces before the control group, if it is on the line of the processes. */
#define CGROUP_GAP 3

/* Exits that are alike. Texts are borrowed from the trace. */
struct group {
	struct trace_text comm;
	struct trace_text sender_comm;
	struct trace_text culprit; /* function that aborted or crashed */
	struct cause cause;        /* this, and all up to unix_ns: of the first exit */
	const struct trace_file *file;
	const struct dz_task *task;
	struct dz_exit row;
	uint64_t unix_ns;
	uint64_t count;
	size_t number; /* order of the first exits */
};

struct answers {
	void *tree; /* of tsearch(3) */
	struct group *groups[GROUPS_MAX];
	size_t count;
	uint64_t ungrouped; /* exits beyond GROUPS_MAX groups */
};

struct colours {
	const char *name;
	const char *death;
	const char *normal;
};

static const struct colours with_colour = {"\033[1m", "\033[31m", "\033[0m"};
static const struct colours without_colour = {"", "", ""};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_groups(const void *left, const void *right)
{
	const struct group *a = left;
	const struct group *b = right;
	const int orders[] = {
		compare_numbers(a->cause.kind, b->cause.kind),
		compare_numbers(a->cause.signal, b->cause.signal),
		compare_numbers(a->cause.exit_code, b->cause.exit_code),
		compare_numbers(a->cause.core_dumped, b->cause.core_dumped),
		compare_numbers(a->cause.handling, b->cause.handling),
		trace_text_compare(a->comm, b->comm),
		trace_text_compare(a->sender_comm, b->sender_comm),
		trace_text_compare(a->culprit, b->culprit),
	};

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (orders[i] != 0)
			return orders[i];
	return 0;
}

/* The worst cause first, then the earliest. The count plays no part: a crash matters more than a
 * thousand broken pipes. */
static int compare_importance(const void *left, const void *right)
{
	const struct group *const *a = left;
	const struct group *const *b = right;
	int order = compare_numbers((*a)->cause.kind, (*b)->cause.kind);

	return order != 0 ? order : compare_numbers((*a)->number, (*b)->number);
}

bool answers_new(struct answers **ret_answers)
{
	struct answers *answers = calloc(1, sizeof(*answers));

	if (!answers)
		return false;
	*ret_answers = answers;
	return true;
}

static bool add_group(struct answers *answers, const struct group *key)
{
	struct group *group;

	if (answers->count == GROUPS_MAX) {
		answers->ungrouped++;
		return true;
	}
	group = malloc(sizeof(*group));
	if (!group)
		return false;
	*group = *key;
	group->count = 1;
	group->number = answers->count;
	if (!tsearch(group, &answers->tree, compare_groups)) {
		free(group);
		return false;
	}
	answers->groups[answers->count++] = group;
	return true;
}

/* Returns the name of the process that sent a handled signal; empty without one. */
static struct trace_text handled_sender_comm(const struct cause *cause)
{
	const struct cause_signal *signal = &cause->handled.generated;
	const struct dz_task *sender = NULL;

	if (cause->handling == CAUSE_AFTER && cause->handled.kind == CAUSE_SIGNAL && signal->file)
		sender = dz_reader_task(signal->file->reader, signal->row.task);
	return sender ? trace_text(signal->file, sender->comm) : (struct trace_text){NULL, 0};
}

/* Adds the end of a process to the group of its kind. */
static bool add_exit(struct answers *answers, const struct visitor_event *event)
{
	const struct dz_task *sender = cause_sender(event->cause);
	const struct cause first = cause_at_fault(event->cause);
	const struct culprit blamed = culprit_find(&first);
	const struct dz_frame *culprit = blamed.caller ? blamed.caller : blamed.frame;
	struct group key = {
		.cause = *event->cause,
		.file = event->file,
		.task = event->task,
		.row = *(const struct dz_exit *)event->event->row,
		.unix_ns = event->unix_ns,
	};
	struct group *const *found;

	if (event->task)
		key.comm = trace_text(event->file, trace_process_comm(event->task));
	if (sender)
		key.sender_comm = trace_text(event->cause->generated.file, sender->comm);
	else
		key.sender_comm = handled_sender_comm(event->cause);
	if (culprit)
		key.culprit = trace_text(first.user.file, culprit->symbol);
	found = tfind(&key, &answers->tree, compare_groups);
	if (!found)
		return add_group(answers, &key);
	(*found)->count++;
	return true;
}

static bool visit(void *context, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;

	return row->thread || add_exit(context, event);
}

struct visitor answers_visitor(struct answers *answers)
{
	return (struct visitor){
		.context = answers,
		.kinds = VISITOR_KIND(DZ_KIND_EXIT),
		.visit = visit,
	};
}

static void write_cgroup(FILE *out, int spaces, const struct trace_file *file,
			 const struct dz_task *task)
{
	struct trace_text cgroup = trace_text(file, task->cgroup);

	if (cgroup.size == 0)
		return;
	fprintf(out, "%*scgroup ", spaces, "");
	task_text_text(out, cgroup);
}

/* Writes the ancestors with their command lines, one on each line, and the control group of `task`
 * below. Returns false if no command line was recorded. */
static bool write_ancestor_lines(FILE *out, const char *label, const struct trace_file *file,
				 const struct dz_task *first, const struct dz_task *task)
{
	if (!task_text_ancestor_lines(out, label, file, first))
		return false;
	if (task->cgroup != 0) {
		write_cgroup(out, (int)strlen("    : ") + (int)strlen(label), file, task);
		fputc('\n', out);
	}
	return true;
}

static void write_sender(FILE *out, const struct trace_file *file, const struct dz_task *sender)
{
	static const char label[] = "sender";

	if (write_ancestor_lines(out, label, file, sender, sender))
		return;
	fprintf(out, "    %s: ", label);
	task_text_task(out, file, sender);
	if (sender->parent != 0)
		fputs(" <- ", out);
	task_text_ancestors(out, file, sender);
	write_cgroup(out, CGROUP_GAP, file, sender);
	fputc('\n', out);
}

static void write_parents(FILE *out, const struct group *group)
{
	static const char label[] = "parents";
	const struct trace_file *file = group->file;
	const struct dz_task *task = group->task;

	if (!task || (task->parent == 0 && task->cgroup == 0) ||
	    write_ancestor_lines(out, label, file, dz_reader_task(file->reader, task->parent),
				 task))
		return;
	fprintf(out, "    %s: ", label);
	task_text_ancestors(out, file, task);
	write_cgroup(out, CGROUP_GAP, file, task);
	fputc('\n', out);
}

static void write_stack(FILE *out, const char *label, const struct cause_stack *stack)
{
	if (stack->stack == 0)
		return;
	fprintf(out, "    %s: ", label);
	task_text_stack(out, stack->file, stack->stack, FRAMES_SHOWN);
	fputc('\n', out);
}

/* The system call in which the thread waited explains more than the kernel code that ended it. */
static void write_system_call(FILE *out, const struct group *group)
{
	uint32_t machine = trace_call_machine(group->file, group->row.compat);
	int64_t number = (int64_t)group->row.system_call;

	if (number < 0 || number > INT32_MAX || group->cause.signal == 0)
		return;
	fprintf(out, "    was in: system call %s\n",
		system_call_name(machine, (int32_t)number).text);
}

static void write_stacks(FILE *out, const struct group *group)
{
	const struct cause *cause = &group->cause;
	struct cause_stack sender = {cause->generated.file, cause->generated.row.user_stack};

	write_stack(out, "was in", &cause->user);
	if (cause->user.stack == 0)
		write_system_call(out, group);
	if (cause->kind == CAUSE_SIGNAL && cause->generated.file)
		write_stack(out, "sent from", &sender);
}

static void write_head(FILE *out, const struct group *group, const struct colours *colours)
{
	const struct dz_task *task = group->task;

	fputs(colours->name, out);
	task_text_task(out, group->file, task);
	fputs(colours->normal, out);
	if (group->count > 1)
		fprintf(out, " and %" PRIu64 " more", group->count - 1);
	fputs("  ", out);
	if (group->cause.kind < CAUSE_EXIT)
		fputs(colours->death, out);
	cause_text_write(out, &group->cause);
	if (group->cause.kind < CAUSE_EXIT)
		fputs(colours->normal, out);
	if (task && task->process_start != 0 && task->process_start <= group->row.time)
		fprintf(out, "   after %s",
			timestamp_lifetime(group->row.time - task->process_start).text);
	fputc('\n', out);
}

static void write_group(FILE *out, const struct group *group, const struct answers_style *style)
{
	const struct dz_task *sender = cause_sender(&group->cause);

	write_head(out, group, style->colour ? &with_colour : &without_colour);
	if (group->cause.kind >= CAUSE_EXIT)
		return;
	if (sender && group->cause.kind == CAUSE_SIGNAL)
		write_sender(out, group->cause.generated.file, sender);
	if (group->task)
		task_text_command_line(out, group->file, group->task, "    ");
	write_parents(out, group);
	if (style->stacks)
		write_stacks(out, group);
}

static void write_rest(FILE *out, const struct group *const *groups, size_t count,
		       uint64_t ungrouped)
{
	uint64_t exits = ungrouped;

	for (size_t i = 0; i < count; i++)
		exits += groups[i]->count;
	if (exits == 0)
		return;
	fputs("... and ", out);
	task_text_count(out, exits, "exit");
	fputs(" more of ", out);
	task_text_count(out, count, "other kind");
	fputs("; --top 0 shows them\n", out);
}

bool answers_write(const struct answers *answers, const struct answers_style *style, FILE *out)
{
	size_t shown = style->top != 0 && style->top < answers->count ? style->top : answers->count;
	const struct group **sorted = calloc(answers->count + 1, sizeof(struct group *));

	if (!sorted)
		return false;
	for (size_t i = 0; i < answers->count; i++)
		sorted[i] = answers->groups[i];
	qsort(sorted, answers->count, sizeof(struct group *), compare_importance);
	for (size_t i = 0; i < shown; i++)
		write_group(out, sorted[i], style);
	write_rest(out, sorted + shown, answers->count - shown, answers->ungrouped);
	free(sorted);
	return true;
}

void answers_free(struct answers *answers)
{
	if (!answers)
		return;
	tdestroy(answers->tree, free);
	free(answers);
}
