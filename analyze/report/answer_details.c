/* analyze/report/answer_details.c - the lines below an answer: thread, stack, sender, command, ...
 */
#define _GNU_SOURCE
#include "analyze/report/answer_details.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/system_call.h"
#include "analyze/cause/culprit.h"
#include "analyze/cause/task_text.h"
#include "analyze/report/recorded_command.h"
#include "analyze/trace/ancestors.h"
#include "analyze/trace/call_chain.h"
#include "analyze/trace/container.h"
#include "text/escape.h"
#include "text/quantity.h"
#include "text/text_stream.h"

/* Frames of a call stack, and ancestors, unless all are asked for. */
#define FRAMES_SHOWN    6u
#define ANCESTORS_SHOWN 3u

/* A screen with fewer columns has no room for the indentation. */
#define NARROW 60u

/* Details that are being made. */
struct maker {
	const struct death *death;
	const struct answer_details_style *style;
	struct answer_details *details;
	struct answer_detail line; /* being written */
	struct text_stream stream; /* its text */
	FILE *out;                 /* of the stream; NULL: allocation failure */
	bool failed;
};

static void begin(struct maker *maker, const char *label)
{
	maker->line = (struct answer_detail){.label = label};
	maker->out = text_stream_open(&maker->stream);
}

static void free_line(struct answer_detail *line)
{
	free(line->text);
	free(line->command);
	free(line->after);
	free(line->block);
}

/* Ends the line that begin() started. `command` and `after` belong to the details from now on. */
static void end_with(struct maker *maker, char *command, char *after)
{
	maker->line.text = text_stream_close(&maker->stream);
	maker->line.command = command;
	maker->line.after = after;
	maker->failed |= !maker->line.text;
	if (maker->failed || maker->details->count == ANSWER_DETAILS_MAX) {
		free_line(&maker->line);
		return;
	}
	maker->details->details[maker->details->count++] = maker->line;
}

static void end(struct maker *maker)
{
	end_with(maker, NULL, NULL);
}

/* Writes a text in which no line is broken. */
static void put_joined(FILE *out, struct trace_text text)
{
	char shown[2 * CALL_NAME_MAX];
	size_t size = escape_copy(shown, sizeof(shown), ESCAPE_TERMINAL, text.bytes, text.size);

	(void)size;
	for (char *at = shown; *at; at++)
		if (*at == ' ')
			*at = LAYOUT_JOIN[0];
	fputs(shown, out);
}

static void put_task(FILE *out, const struct trace_file *file, const struct dz_task *task)
{
	put_joined(out, trace_text(file, trace_process_comm(task)));
	fprintf(out, "[%" PRIu64 "]", task->pid);
}

/* Sets maker->failed and returns NULL on allocation failure. */
static char *text_of(struct maker *maker, const struct trace_file *file, uint64_t string)
{
	struct text_stream stream;
	char *text;

	if (text_stream_open(&stream))
		task_text_text(stream.out, trace_text(file, string));
	text = text_stream_close(&stream);
	maker->failed |= !text;
	return text;
}

/* Returns the time from the start of the program to the end of its process; 0 if it is unknown. */
static uint64_t lifetime_of(const struct death *death)
{
	uint64_t start = death->task ? trace_program_start(death->file, death->task) : 0;

	if (start == 0 || start >= death->row->time)
		return 0;
	return death->row->time - start;
}

static void add_thread(struct maker *maker)
{
	const struct cause_thread *thread = &maker->death->cause->thread;
	uint64_t lifetime = lifetime_of(maker->death);

	if (!thread->file)
		return;
	begin(maker, "thread");
	if (maker->out) {
		put_joined(maker->out, trace_text(thread->file, thread->comm));
		task_text_tid(maker->out, thread);
		if (lifetime > 0)
			fprintf(maker->out, ", %s after the process started",
				quantity_of_length(lifetime).text);
	}
	end(maker);
}

/* "pid 7 in container 3f2a9c1b7d04 (docker)" */
static void put_container(struct maker *maker, const struct container *container)
{
	const struct dz_task *task = maker->death->task;
	size_t digits = container->id.size < CONTAINER_SHORT_DIGITS || maker->style->verbose
				? container->id.size
				: CONTAINER_SHORT_DIGITS;

	if (task->ns_pid != 0 && task->ns_pid != task->pid)
		fprintf(maker->out, "pid %" PRIu64 " in ", task->ns_pid);
	fprintf(maker->out, "container %.*s", (int)digits, container->id.bytes);
	if (container->runtime)
		fprintf(maker->out, " (%s)", container->runtime);
	if (container->pod[0] != '\0')
		fprintf(maker->out, ", pod %s", container->pod);
}

static bool ends_with(struct trace_text text, const char *end)
{
	size_t size = strlen(end);

	return text.size > size && memcmp(text.bytes + text.size - size, end, size) == 0;
}

/* The control group, as far as it says more than the parents: a container or a service. */
static void add_where(struct maker *maker)
{
	const struct death *death = maker->death;
	struct trace_text path = trace_text(death->file, death->task ? death->task->cgroup : 0);
	struct container container = container_find(path);
	bool is_service = ends_with(container.unit, ".service");

	if (container.id.size == 0 && !is_service && !(maker->style->verbose && path.size > 0))
		return;
	begin(maker, "where");
	if (maker->out && container.id.size > 0)
		put_container(maker, &container);
	else if (maker->out && is_service)
		put_joined(maker->out, container.unit);
	if (maker->out && maker->style->verbose) {
		fputs(container.id.size > 0 || is_service ? ", " : "", maker->out);
		put_joined(maker->out, path);
	}
	end(maker);
}

/* "57.2 of 57.2 MiB", "900.0 KiB of 1.0 MiB" */
static void put_share(FILE *out, uint64_t part, uint64_t whole)
{
	struct quantity_text first = quantity_of_bytes(part);
	struct quantity_text second = quantity_of_bytes(whole);
	char *first_unit = strchr(first.text, ' ');
	const char *second_unit = strchr(second.text, ' ');

	if (first_unit && second_unit && strcmp(first_unit, second_unit) == 0)
		*first_unit = '\0';
	fprintf(out, "%s of %s", first.text, second.text);
}

static void put_machine(FILE *out, const struct dz_oom *row)
{
	fputs("no group above it was at its limit of memory", out);
	if (row->memory_free != 0 && row->memory_free < row->memory_total) {
		fputs("; the machine had used ", out);
		put_share(out, row->memory_total - row->memory_free, row->memory_total);
	} else if (row->memory_total != 0) {
		fprintf(out, "; the machine has %s", quantity_of_bytes(row->memory_total).text);
	}
}

static void put_limit(FILE *out, const struct cause_oom *oom)
{
	const struct dz_oom *row = &oom->row;
	struct trace_text path = trace_text(oom->file, row->limit_cgroup);

	if (row->limit == 0 && path.size == 0) {
		put_machine(out, row);
		return;
	}
	if (path.size > 0)
		put_joined(out, path);
	else
		fputs("a group above it", out);
	fputs(" at its limit: ", out);
	put_share(out, row->usage, row->limit);
}

/* The limit that memory was at when the out-of-memory killer chose the process. */
static void add_limit(struct maker *maker)
{
	const struct cause_oom *oom = &maker->death->cause->oom;

	if (maker->death->cause->kind != CAUSE_OOM || !oom->file || !oom->row.limits_read)
		return;
	begin(maker, "where");
	if (maker->out)
		put_limit(maker->out, oom);
	end(maker);
}

/* "57.0 MiB anonymous, 6.3 MiB file"; what it had none of is left out. */
static void put_memory(FILE *out, const struct dz_oom *row)
{
	const struct {
		uint64_t bytes;
		const char *name;
	} parts[] = {
		{row->anon_rss, "anonymous"},
		{row->file_rss, "file"},
		{row->shmem_rss, "shared"},
	};
	const char *before = "it had ";

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].bytes == 0)
			continue;
		fprintf(out, "%s%s %s", before, quantity_of_bytes(parts[i].bytes).text,
			parts[i].name);
		before = ", ";
	}
	fputs(before[0] == ',' ? "; " : "", out);
}

/* "it asked itself", "backup[9911] asked; score adjustment -100" */
static void put_asking(const struct maker *maker, const struct cause_oom *oom)
{
	const struct dz_task *asking = dz_reader_task(oom->file->reader, oom->row.task);

	if (cause_is_same_process(asking, maker->death->task)) {
		fputs("it asked itself", maker->out);
	} else if (asking) {
		put_task(maker->out, oom->file, asking);
		fputs(" asked", maker->out);
	} else {
		fputs("unknown who asked", maker->out);
	}
	if (oom->row.score_adjustment != 0)
		fprintf(maker->out, "; score adjustment %" PRId64,
			(int64_t)oom->row.score_adjustment);
}

/* What the victim of the out-of-memory killer had, and which task's request for memory failed. */
static void add_memory(struct maker *maker)
{
	const struct cause_oom *oom = &maker->death->cause->oom;

	if (maker->death->cause->kind != CAUSE_OOM || !oom->file)
		return;
	begin(maker, "note");
	if (maker->out) {
		put_memory(maker->out, &oom->row);
		put_asking(maker, oom);
	}
	end(maker);
}

static void put_frame(FILE *out, const struct trace_file *file, const struct dz_frame *frame)
{
	char name[CALL_NAME_MAX];
	size_t size = call_frame_name(file, frame, name);

	put_joined(out, (struct trace_text){name, size});
}

/* Returns the place of the function to blame; 0 if there is none. */
static size_t find_blamed(const struct cause *cause, const struct call_chain *chain)
{
	struct culprit culprit = culprit_find(cause);
	const struct dz_frame *blamed = culprit.caller ? culprit.caller : culprit.frame;

	for (size_t i = 0; blamed && i < chain->count; i++)
		if (chain->frames[i] == blamed)
			return i;
	return 0;
}

static void put_frames(const struct maker *maker, const struct trace_file *file,
		       const struct call_chain *chain, size_t first)
{
	size_t most = maker->style->verbose ? CALL_CHAIN_MAX : FRAMES_SHOWN;
	size_t left = chain->count - first;
	size_t shown = left > most ? most : left;

	for (size_t i = 0; i < shown; i++) {
		if (i > 0)
			fputs(" <-" LAYOUT_JOIN, maker->out);
		put_frame(maker->out, file, chain->frames[first + i]);
	}
	if (shown < left)
		fprintf(maker->out, " +%zu" LAYOUT_JOIN "more", left - shown);
}

/* Returns the lines of a whole stack. NULL on allocation failure. */
static char *make_block(const struct cause_stack *stack)
{
	char indent[ANSWER_TEXT_COLUMN + 1];
	struct text_stream stream;

	memset(indent, ' ', ANSWER_TEXT_COLUMN);
	indent[ANSWER_TEXT_COLUMN] = '\0';
	if (text_stream_open(&stream))
		task_text_stack_lines(stream.out, stack->file, stack->stack, indent);
	return text_stream_close(&stream);
}

/* The chain starts with the function to blame for `cause`; NULL: with the leaf. */
static void add_chain(struct maker *maker, const char *label, const char *before,
		      const struct cause *cause, const struct cause_stack *stack)
{
	struct call_chain chain;

	if (!stack->file || stack->stack == 0)
		return;
	begin(maker, label);
	if (maker->out) {
		call_chain_load(stack->file, stack->stack, &chain);
		fputs(before, maker->out);
		put_frames(maker, stack->file, &chain, cause ? find_blamed(cause, &chain) : 0);
		if (maker->style->whole) {
			maker->line.block = make_block(stack);
			maker->failed |= !maker->line.block;
		}
	}
	end(maker);
}

/* The system call in which the thread waited explains more than the kernel code that ended it. */
static void add_system_call(struct maker *maker)
{
	const struct death *death = maker->death;
	int64_t number = (int64_t)death->row->system_call;

	if (number < 0 || number > INT32_MAX || death->cause->signal == 0)
		return;
	begin(maker, "stack");
	if (maker->out)
		fprintf(maker->out, "was in: system call %s",
			system_call_name(trace_call_machine(death->file, death->row->compat),
					 (int32_t)number)
				.text);
	end(maker);
}

/* Whether the process did not end itself, so that its stack is where it was and not why it ended.
 */
static bool is_interrupted(const struct cause *cause)
{
	return cause->signal != 0 && cause_class(cause) != CAUSE_CLASS_CRASHED &&
	       cause->kind != CAUSE_RAISED;
}

static void add_stack(struct maker *maker)
{
	const struct cause *cause = maker->death->cause;
	struct cause storage;
	const struct cause *first = cause_at_fault(cause, &storage);

	if (first->user.stack == 0)
		add_system_call(maker);
	else if (is_interrupted(cause))
		add_chain(maker, "stack", "was in: ", NULL, &first->user);
	else
		add_chain(maker, "stack", "", first, &first->user);
}

/* Returns the signal of another process that ended this one, or that it handled before its end. */
static const struct cause_signal *find_sent(const struct cause *cause)
{
	if (cause->kind == CAUSE_SIGNAL && cause->generated.file)
		return &cause->generated;
	if (cause->handling == CAUSE_AFTER && cause->handled.kind == CAUSE_SIGNAL &&
	    cause->handled.generated.file)
		return &cause->handled.generated;
	return NULL;
}

static bool has_command_line(const struct trace_file *file, const struct dz_task *task,
			     const struct ancestor_list *ancestors)
{
	bool found = task->command_line != 0;

	(void)file;
	for (size_t i = 0; i < ancestors->count; i++)
		found |= ancestors->tasks[i]->command_line != 0;
	return found;
}

static int width_of_names(const struct trace_file *file, const struct dz_task *task,
			  const struct ancestor_list *ancestors, size_t shown)
{
	size_t widest = 0;

	for (size_t i = 0; i <= shown; i++) {
		const struct dz_task *one = i == 0 ? task : ancestors->tasks[i - 1];
		char name[64];
		size_t size = escape_copy(name, sizeof(name), ESCAPE_TERMINAL,
					  trace_text(file, trace_process_comm(one)).bytes,
					  trace_text(file, trace_process_comm(one)).size);

		size = size < sizeof(name) ? size : sizeof(name) - 1;
		size += (size_t)snprintf(NULL, 0, "[%" PRIu64 "]", one->pid) + (i > 0 ? 3 : 0);
		widest = size > widest ? size : widest;
	}
	return (int)widest;
}

/* One line: "<- cron[31869]       /usr/sbin/cron -f". */
static void add_command_of(struct maker *maker, const struct trace_file *file,
			   const struct dz_task *task, const char *before, int width)
{
	long start, written;

	if (!maker->out)
		return;
	start = ftell(maker->out);
	fputs(before, maker->out);
	put_task(maker->out, file, task);
	written = ftell(maker->out) - start;
	if (task->command_line == 0) {
		end(maker);
		return;
	}
	for (long at = written; at < width + 2; at++)
		fputs(LAYOUT_JOIN, maker->out);
	end_with(maker, text_of(maker, file, task->command_line), NULL);
}

/* Adds "+2 more" to the last line. */
static void add_more(struct maker *maker, size_t count)
{
	struct answer_details *details = maker->details;
	char *text;

	if (maker->failed || count == 0 || details->count == ANSWER_DETAILS_MAX)
		return;
	if (asprintf(&text, "   +%zu more", count) < 0)
		maker->failed = true;
	else
		details->details[details->count - 1].after = text;
}

static void add_commands(struct maker *maker, const char *label, const struct trace_file *file,
			 const struct dz_task *task, const struct ancestor_list *ancestors)
{
	size_t most = maker->style->verbose ? ANCESTORS_MAX : ANCESTORS_SHOWN - 1;
	size_t shown = ancestors->count > most ? most : ancestors->count;
	int width = width_of_names(file, task, ancestors, shown);

	begin(maker, label);
	add_command_of(maker, file, task, "", width);
	for (size_t i = 0; i < shown; i++) {
		begin(maker, "");
		add_command_of(maker, file, ancestors->tasks[i], "<-" LAYOUT_JOIN, width);
	}
	add_more(maker, ancestors->count - shown);
}

static void put_ancestors(const struct maker *maker, const struct trace_file *file,
			  const struct ancestor_list *ancestors)
{
	size_t most = maker->style->verbose ? ANCESTORS_MAX : ANCESTORS_SHOWN;
	size_t shown = ancestors->count > most ? most : ancestors->count;

	for (size_t i = 0; i < shown; i++) {
		if (i > 0)
			fputs(" <-" LAYOUT_JOIN, maker->out);
		put_task(maker->out, file, ancestors->tasks[i]);
	}
	if (shown < ancestors->count)
		fprintf(maker->out, " +%zu" LAYOUT_JOIN "more", ancestors->count - shown);
}

/* Whether the ancestors of the victim, which are printed as well, name the sender. */
static bool is_ancestor(const struct trace_file *file, const struct dz_task *task,
			const struct dz_task *sender)
{
	struct ancestor_list ancestors = recorded_command_ancestors(file, task);

	for (size_t i = 0; i < ancestors.count; i++)
		if (cause_is_same_process(ancestors.tasks[i], sender))
			return true;
	return false;
}

static void add_sender(struct maker *maker)
{
	const struct cause_signal *sent = find_sent(maker->death->cause);
	const struct dz_task *sender =
		sent ? dz_reader_task(sent->file->reader, sent->row.task) : NULL;
	struct ancestor_list ancestors;

	if (!sender)
		return;
	ancestors = recorded_command_ancestors(sent->file, sender);
	if (has_command_line(sent->file, sender, &ancestors)) {
		add_commands(maker, "sender", sent->file, sender, &ancestors);
		return;
	}
	if (ancestors.count == 0 || is_ancestor(maker->death->file, maker->death->task, sender))
		return;
	begin(maker, "sender");
	if (maker->out) {
		put_task(maker->out, sent->file, sender);
		fputs(" <-" LAYOUT_JOIN, maker->out);
		put_ancestors(maker, sent->file, &ancestors);
	}
	end(maker);
}

static void add_sending_stack(struct maker *maker)
{
	const struct cause_signal *sent = find_sent(maker->death->cause);
	struct cause_stack stack;

	if (!sent)
		return;
	stack = (struct cause_stack){sent->file, sent->row.user_stack};
	add_chain(maker, "sent-by", "", NULL, &stack);
}

static void add_command(struct maker *maker)
{
	const struct death *death = maker->death;
	uint64_t lifetime = lifetime_of(death);
	char *after = NULL;

	if (!death->task || death->task->command_line == 0)
		return;
	if (lifetime > 0 && !death->cause->thread.file &&
	    asprintf(&after, ", %s after it started", quantity_of_length(lifetime).text) < 0) {
		maker->failed = true;
		after = NULL;
	}
	begin(maker, "command");
	end_with(maker, text_of(maker, death->file, death->task->command_line), after);
}

static void add_parents(struct maker *maker)
{
	const struct death *death = maker->death;
	struct ancestor_list ancestors = recorded_command_ancestors(death->file, death->task);

	if (ancestors.count == 0)
		return;
	if (maker->style->verbose &&
	    has_command_line(death->file, ancestors.tasks[0], &ancestors)) {
		struct ancestor_list above =
			recorded_command_ancestors(death->file, ancestors.tasks[0]);

		add_commands(maker, "parents", death->file, ancestors.tasks[0], &above);
		return;
	}
	begin(maker, "parents");
	if (maker->out)
		put_ancestors(maker, death->file, &ancestors);
	end(maker);
}

bool answer_details_make(const struct death *death, const struct answer_details_style *style,
			 struct answer_details *details)
{
	struct maker maker = {.death = death, .style = style, .details = details};

	add_thread(&maker);
	add_where(&maker);
	add_limit(&maker);
	if (style->stacks)
		add_stack(&maker);
	add_sender(&maker);
	if (style->stacks)
		add_sending_stack(&maker);
	add_command(&maker);
	add_parents(&maker);
	add_memory(&maker);
	return !maker.failed;
}

bool answer_details_add(struct answer_details *details, const char *label, const char *text)
{
	char *copy;

	if (details->count == ANSWER_DETAILS_MAX)
		return true;
	copy = strdup(text);
	if (!copy)
		return false;
	details->details[details->count++] = (struct answer_detail){.label = label, .text = copy};
	return true;
}

const struct dz_task *answer_details_sender(const struct cause *cause,
					    const struct trace_file **ret_file)
{
	const struct cause_signal *sent = find_sent(cause);

	if (!sent)
		return NULL;
	*ret_file = sent->file;
	return dz_reader_task(sent->file->reader, sent->row.task);
}

/* Returns the place after the lines about the sender; 0 if there are none. */
static size_t find_end_of_sender(const struct answer_details *details)
{
	size_t place = 0;

	while (place < details->count && strcmp(details->details[place].label, "sender") != 0)
		place++;
	if (place == details->count)
		return 0;
	place++;
	while (place < details->count && details->details[place].label[0] == '\0')
		place++;
	return place;
}

bool answer_details_add_sender_end(struct answer_details *details, const char *text)
{
	size_t place = find_end_of_sender(details);
	struct answer_detail *at = &details->details[place];
	char *copy;

	if (place == 0 || details->count == ANSWER_DETAILS_MAX)
		return true;
	copy = strdup(text);
	if (!copy)
		return false;
	memmove(at + 1, at, (details->count - place) * sizeof(*at));
	*at = (struct answer_detail){.label = "", .text = copy};
	details->count++;
	return true;
}

size_t answer_details_column(const struct layout *layout)
{
	return layout->width < NARROW ? 4 : ANSWER_TEXT_COLUMN;
}

/* Returns the text of a detail with its command line cut to fit in one line. */
static char *join_command(const struct answer_detail *detail, size_t columns, bool verbose)
{
	const char *after = detail->after ? detail->after : "";
	size_t used = layout_columns(detail->text) + layout_columns(after);
	char *cut;
	char *joined;

	if (!detail->command || verbose)
		cut = strdup(detail->command ? detail->command : "");
	else
		cut = layout_cut_middle(detail->command, columns > used ? columns - used : 0);
	if (!cut)
		return NULL;
	if (asprintf(&joined, "%s%s%s", detail->text, cut, after) < 0)
		joined = NULL;
	free(cut);
	return joined;
}

/* Returns the lines of the block. */
static size_t write_block(const char *block, FILE *out)
{
	size_t lines = 0;

	for (const char *at = block; at && *at; at++) {
		putc(*at, out);
		lines += *at == '\n';
	}
	return lines;
}

size_t answer_details_write(const struct answer_detail *detail, const struct layout *layout,
			    bool verbose, FILE *out)
{
	size_t column = answer_details_column(layout);
	size_t left = layout->width > column ? layout->width - column : 0;
	bool narrow = column < ANSWER_TEXT_COLUMN;
	char *joined = NULL;
	int label_width = (int)(ANSWER_TEXT_COLUMN - ANSWER_LABEL_COLUMN);
	size_t lines;

	if (detail->command || detail->after) {
		joined = join_command(detail, left, verbose);
		if (!joined)
			return 0;
	}
	if (narrow)
		fprintf(out, "  %-7s  ", detail->label);
	else
		fprintf(out, "%*s%-*s", (int)ANSWER_LABEL_COLUMN, "", label_width, detail->label);
	lines = layout_paragraph(layout, out, narrow ? 11 : column, column,
				 joined ? joined : detail->text);
	free(joined);
	return lines + write_block(detail->block, out);
}

static bool is_equal(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

bool answer_details_are_equal(const struct answer_detail *a, const struct answer_detail *b)
{
	return strcmp(a->label, b->label) == 0 && is_equal(a->text, b->text) &&
	       is_equal(a->command, b->command) && is_equal(a->after, b->after);
}

void answer_details_release(struct answer_details *details)
{
	for (size_t i = 0; i < details->count; i++)
		free_line(&details->details[i]);
	details->count = 0;
}
