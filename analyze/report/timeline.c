/* analyze/report/timeline.c - all events in order of time, one line for each */
#include "analyze/report/timeline.h"

#include <inttypes.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/task_text.h"
#include "analyze/trace/event_field.h"
#include "text/quantity.h"
#include <dz/enums.h>

static void write_exit(FILE *out, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;

	fputs(row->thread ? "thread exit: " : "exit: ", out);
	cause_text_write(out, event->cause);
}

static void write_signal(FILE *out, const struct visitor_event *event)
{
	const struct dz_signal *row = event->event->row;
	const char *result = event_field_word(DZ_KIND_SIGNAL, "result", row->result);
	const char *source = event_field_word(DZ_KIND_SIGNAL, "source", row->source);
	const char *code = signal_code_name((uint32_t)row->signal, (int32_t)row->code);

	fprintf(out, "signal: %s (%" PRIu64 ") by %s", signal_name((uint32_t)row->signal).text,
		row->signal, source ? source : "?");
	if (row->source == DZ_SIGNAL_SOURCE_PROCESS) {
		fputc(' ', out);
		task_text_task(out, event->file, dz_reader_task(event->file->reader, row->task));
	}
	fprintf(out, ", %s%s%s", code ? code : "", code ? ", " : "", result ? result : "?");
}

static void write_delivery(FILE *out, const struct visitor_event *event)
{
	const struct dz_delivery *row = event->event->row;
	const struct cause_signal *taken = event->taken;

	fprintf(out, "takes %s (%" PRIu64 "), %s", signal_name((uint32_t)row->signal).text,
		row->signal, row->handled ? "handled" : "by default");
	if (taken->file && row->time >= taken->row.time)
		fprintf(out, ", pending %s",
			quantity_of_duration(row->time - taken->row.time).text);
	if (row->signal != event->taken_number)
		fprintf(out, ", because of %s",
			event->taken_number != 0 ? signal_name(event->taken_number).text
						 : "an exit or exec");
}

static void write_info(FILE *out, const struct visitor_event *event)
{
	const struct dz_info *row = event->event->row;

	fputs("info: ", out);
	task_text_text(out, trace_text(event->file, row->key));
	fputs(": ", out);
	task_text_text(out, trace_text(event->file, row->value));
}

static void write_lost(FILE *out, const struct visitor_event *event)
{
	const struct dz_lost *row = event->event->row;

	fputs("lost: ", out);
	task_text_count(out, row->count, "event");
	fputs(" of kind ", out);
	task_text_text(out, trace_text(event->file, row->kind));
	fputs(", ", out);
	task_text_text(out, trace_text(event->file, row->reason));
	if (row->last >= row->time)
		fprintf(out, ", within %s", quantity_of_duration(row->last - row->time).text);
}

/* "kretprobe:vfs_read count=832 pos=0: returned 832 after 11.5 us" */
static void write_probe(FILE *out, const struct visitor_event *event)
{
	const struct dz_probe *row = event->event->row;
	struct trace_text arguments = trace_text(event->file, row->arguments);

	task_text_text(out, trace_text(event->file, row->probe));
	if (arguments.size > 0) {
		fputc(' ', out);
		task_text_text(out, arguments);
	}
	if (!row->latency)
		return;
	fputs(": returned ", out);
	if (!row->no_result)
		fprintf(out, "%" PRId64 " ", (int64_t)row->result);
	fprintf(out, "after %s", quantity_of_duration(row->latency).text);
}

static void write_value(FILE *out, const struct visitor_event *event,
			const struct dz_field_schema *field, uint64_t value)
{
	const char *word = event_field_word(event->event->kind, field->name, value);

	fprintf(out, " %s=", field->name);
	if (word)
		fputs(word, out);
	else if (field->type == DZ_TYPE_STRING)
		task_text_text(out, trace_text(event->file, value));
	else if (field->type == DZ_TYPE_TASK)
		task_text_task(out, event->file, dz_reader_task(event->file->reader, value));
	else if (field->type == DZ_TYPE_INT)
		fprintf(out, "%" PRId64 "%s", (int64_t)value, field->unit);
	else if (strcmp(field->unit, "hex") == 0)
		fprintf(out, "0x%" PRIx64, value);
	else
		fprintf(out, "%" PRIu64 "%s", value, field->unit);
}

/* Writes the fields by the schema, except those that are 0. */
static void write_fields(FILE *out, const struct visitor_event *event)
{
	const struct dz_kind_schema *schema = event->event->schema;

	fprintf(out, "%s:", schema->name);
	for (uint32_t i = 0; i < schema->field_count; i++) {
		const struct dz_field_schema *field = &schema->fields[i];
		uint64_t value = event->event->values[i];

		if (value == 0 || strcmp(field->name, "task") == 0 ||
		    strcmp(field->name, "time") == 0 || field->type == DZ_TYPE_STACK)
			continue;
		write_value(out, event, field, value);
	}
}

static const struct {
	uint32_t kind;
	void (*write)(FILE *out, const struct visitor_event *event);
} writers[] = {
	{DZ_KIND_EXIT, write_exit},         {DZ_KIND_SIGNAL, write_signal},
	{DZ_KIND_DELIVERY, write_delivery}, {DZ_KIND_LOST, write_lost},
	{DZ_KIND_INFO, write_info},         {DZ_KIND_PROBE, write_probe},
};

static void write_event(FILE *out, const struct visitor_event *event)
{
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		if (writers[i].kind != event->event->kind || !event->event->row)
			continue;
		writers[i].write(out, event);
		return;
	}
	write_fields(out, event);
}

static void write_stacks(FILE *out, const struct visitor_event *event)
{
	const struct dz_kind_schema *schema = event->event->schema;

	for (uint32_t i = 0; i < schema->field_count; i++)
		if (schema->fields[i].type == DZ_TYPE_STACK)
			task_text_stack_lines(out, event->file, event->event->values[i],
					      "        ");
}

/* Whether the command line of the process was printed for the event before, even of another
 * thread. */
static bool was_printed(const struct timeline_process *before,
			const struct timeline_process *process)
{
	const struct dz_task *printed = before->task;
	const struct dz_task *task = process->task;

	return printed && task && before->file == process->file && printed->pid == task->pid &&
	       printed->process_start == task->process_start &&
	       printed->command_line == task->command_line && printed->parent == task->parent &&
	       printed->cgroup == task->cgroup;
}

/* Returns the sender of a signal; NULL if it is not a process, or is the receiver. */
static const struct dz_task *sender_of(const struct visitor_event *event)
{
	const struct dz_signal *row = event->event->row;
	const struct dz_task *sender;

	if (event->event->kind != DZ_KIND_SIGNAL || !row || row->source != DZ_SIGNAL_SOURCE_PROCESS)
		return NULL;
	sender = dz_reader_task(event->file->reader, row->task);
	return sender && event->task && sender->pid == event->task->pid ? NULL : sender;
}

/* Control group and ancestors, as the report has them. Without command lines the names are on one
 * line. */
static void write_origin(struct timeline *timeline, const struct timeline_process *subject)
{
	const struct trace_file *file = subject->file;
	const struct dz_task *parent = dz_reader_task(file->reader, subject->task->parent);
	struct trace_text group = trace_text(file, subject->task->cgroup);

	if (timeline->stacks && group.size > 0) {
		(void)fputs("    cgroup: ", timeline->out);
		task_text_text(timeline->out, group);
		(void)fputc('\n', timeline->out);
	}
	if (trace_is_command(file, subject->task) || !parent)
		return;
	if (!task_text_ancestor_lines(timeline->out, "parents", file, parent) && timeline->stacks) {
		(void)fputs("    parents: ", timeline->out);
		task_text_ancestors(timeline->out, file, subject->task);
		(void)fputc('\n', timeline->out);
	}
}

/* Only once for a process with a thousand events in a row. */
static void write_command_lines(struct timeline *timeline, const struct visitor_event *event)
{
	const struct trace_file *file = event->file;
	const struct timeline_process subject = {file, event->task};
	const struct timeline_process sender = {file, sender_of(event)};

	if (subject.task && !was_printed(&timeline->subject, &subject)) {
		task_text_command_line(timeline->out, file, subject.task, "    ");
		write_origin(timeline, &subject);
	}
	if (sender.task && !was_printed(&timeline->sender, &sender))
		(void)task_text_ancestor_lines(timeline->out, "sender", file, sender.task);
	timeline->subject = subject;
	timeline->sender = sender;
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct timeline *timeline = context;
	FILE *out = timeline->out;

	fprintf(out, "%.10s %s  ", timestamp_date(event->unix_ns, timeline->utc).text,
		timestamp_time(event->unix_ns, timeline->utc).text);
	if (event->task) {
		task_text_task(out, event->file, event->task);
		fputs("  ", out);
	}
	write_event(out, event);
	fputc('\n', out);
	write_command_lines(timeline, event);
	if (timeline->stacks)
		write_stacks(out, event);
	return !ferror(out);
}

struct visitor timeline_visitor(struct timeline *timeline)
{
	return (struct visitor){
		.context = timeline,
		.kinds = VISITOR_ALL_KINDS & ~VISITOR_KIND(DZ_KIND_CLOCK),
		.visit = visit,
	};
}
