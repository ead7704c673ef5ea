/* analyze/json/json_report.c - events as NDJSON, one object a line */
#include "analyze/json/json_report.h"

#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/trace/event_field.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct json_report json_report_new(FILE *out, bool stacks)
{
	return (struct json_report){.stacks = stacks, .writer = json_writer_new(out)};
}

/* Returns the plan for the kind of an event, NULL on allocation failure. Files of different
 * versions take turns: the same schema of the same file is compared only once. */
static const struct json_plan *plan_of(struct json_report *report,
				       const struct visitor_event *event)
{
	const struct dz_kind_schema *schema = event->event->schema;
	uint32_t kind = event->event->kind;
	struct json_report_plan *place =
		&report->plans[kind < JSON_REPORT_PLANS ? kind : JSON_REPORT_PLANS - 1];

	if (place->plan && place->schema == schema && place->file == event->file)
		return place->plan;
	if (!place->plan || !json_plan_fits(place->plan, schema)) {
		free(place->plan);
		place->plan = json_plan_new(schema);
		report->writer.buffer.failed |= !place->plan;
	}
	place->schema = schema;
	place->file = event->file;
	return place->plan;
}

/* Appends the members of another task: "receiver_pid" and so on. */
static void put_other_task(struct json_writer *writer, const char *field,
			   const struct trace_file *file, const struct dz_task *task)
{
	char name[JSON_FIELD_NAME_MAX];

	snprintf(name, sizeof(name), "%s_pid", field);
	json_text_name(&writer->buffer, name);
	json_text_uint(&writer->buffer, task->pid);
	snprintf(name, sizeof(name), "%s_tid", field);
	json_text_name(&writer->buffer, name);
	json_text_uint(&writer->buffer, task->tid);
	if (task->ns_pid != 0 && task->ns_pid != task->pid) {
		snprintf(name, sizeof(name), "%s_ns_pid", field);
		json_text_name(&writer->buffer, name);
		json_text_uint(&writer->buffer, task->ns_pid);
	}
	snprintf(name, sizeof(name), "%s_cgroup", field);
	if (task->cgroup != 0 && task->cgroup != DZ_ID_DAMAGED)
		json_text_member(&writer->buffer, name, trace_text(file, task->cgroup));
	snprintf(name, sizeof(name), "%s_comm", field);
	if (task->comm != 0 && task->comm != DZ_ID_DAMAGED)
		json_text_member(&writer->buffer, name, trace_text(file, task->comm));
}

/* Appends the start of a member: its comma and name. */
static void start_field(struct json_writer *writer, const struct json_plan_field *field)
{
	json_text_comma(&writer->buffer);
	buffer_put(&writer->buffer, field->start, field->start_size);
}

static void put_task_field(struct json_writer *writer, const struct json_plan_field *field,
			   const struct trace_file *file, uint64_t value)
{
	const struct dz_task *task = dz_reader_task(file->reader, value);

	if (!task)
		return;
	if (field->type == JSON_FIELD_TASK)
		json_value_task(writer, file, task);
	else
		put_other_task(writer, field->name, file, task);
}

static void put_string_field(struct json_writer *writer, const struct json_plan_field *field,
			     const struct trace_file *file, uint64_t value)
{
	if (value != 0 && value != DZ_ID_DAMAGED)
		json_text_member(&writer->buffer, field->name, trace_text(file, value));
}

/* A value that a later version added has no word: its number is the text. */
static void put_word(struct json_writer *writer, uint32_t kind, const struct json_plan_field *field,
		     uint64_t value)
{
	const char *word = event_field_word(kind, field->file_name, value);
	char number[24];

	if (!word)
		snprintf(number, sizeof(number), "%llu", (unsigned long long)value);
	json_text_word(&writer->buffer, word ? word : number);
}

static void put_stack_field(struct json_report *report, const struct json_plan_field *field,
			    const struct visitor_event *event, uint64_t value)
{
	struct cause_stack stack = {event->file, value};

	if (!report->stacks)
		return;
	/* The user stack of the thread that took the signal or called exit(). */
	if (field->type == JSON_FIELD_USER_STACK && event->cause)
		stack = event->cause->user;
	start_field(&report->writer, field);
	json_value_stack(&report->writer, stack.file, stack.stack);
}

/* Appends a field whose member is one value. */
static void put_value(struct json_writer *writer, const struct visitor_event *event,
		      const struct json_plan_field *field, uint64_t value)
{
	struct buffer *out = &writer->buffer;

	start_field(writer, field);
	switch ((int)field->type) {
	case JSON_FIELD_FLAG:
		json_text_bool(out, value != 0);
		return;
	case JSON_FIELD_WORD:
		put_word(writer, event->event->kind, field, value);
		return;
	case JSON_FIELD_HEX:
		json_text_hex(out, value);
		return;
	case JSON_FIELD_INT:
		json_text_int(out, (int64_t)value);
		return;
	case JSON_FIELD_EVENT_TIME:
		json_text_uint(out, event->unix_ns);
		return;
	case JSON_FIELD_TIME:
		value = value ? dz_reader_realtime_ns(event->file->reader, value) : 0;
		break;
	default:
		break;
	}
	json_text_uint(out, value);
}

static void put_field(struct json_report *report, const struct visitor_event *event,
		      const struct json_plan_field *field, uint64_t value)
{
	struct json_writer *writer = &report->writer;

	switch ((int)field->type) {
	case JSON_FIELD_NONE:
		return;
	case JSON_FIELD_STRING:
		put_string_field(writer, field, event->file, value);
		return;
	case JSON_FIELD_TASK:
	case JSON_FIELD_OTHER_TASK:
		put_task_field(writer, field, event->file, value);
		return;
	case JSON_FIELD_STACK:
	case JSON_FIELD_USER_STACK:
		put_stack_field(report, field, event, value);
		return;
	default:
		put_value(writer, event, field, value);
	}
}

static void put_signal_name(struct json_writer *writer, uint64_t number)
{
	if (number != 0)
		json_value_word(writer, JSON_MEMBER_SIGNAL_NAME,
				signal_name((uint32_t)number).text);
}

static void put_code_name(struct json_writer *writer, uint64_t signal, uint64_t code)
{
	const char *name = signal_code_name((uint32_t)signal, (int32_t)code);

	if (name)
		json_value_word(writer, JSON_MEMBER_CODE_NAME, name);
}

/* The thread that ended its process, if it is not the first. */
static void put_thread(struct json_writer *writer, const struct cause_thread *thread)
{
	if (!thread->file)
		return;
	json_value_uint(writer, JSON_MEMBER_THREAD_TID, thread->tid);
	json_value_string(writer, JSON_MEMBER_THREAD_NAME, thread->file, thread->comm);
}

static void put_exit(struct json_writer *writer, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;
	const struct cause *cause = event->cause;
	uint64_t start = 0;

	if (event->task)
		start = row->thread ? event->task->start
				    : trace_program_start(event->file, event->task);
	if (start != 0 && start <= row->time)
		json_value_uint(writer, JSON_MEMBER_LIFETIME_NS, row->time - start);
	put_signal_name(writer, row->signal);
	put_thread(writer, &cause->thread);
	json_value_word(writer, JSON_MEMBER_CLASS, cause_class_word(cause_class(cause)));
	json_value_bool(writer, JSON_MEMBER_RERAISED, cause->handling == CAUSE_RERAISED);
	if (cause->handling != CAUSE_NOT_HANDLED) {
		json_value_start(writer, JSON_MEMBER_AFTER_SIGNAL);
		json_value_handled(writer, &cause->handled);
	}
	json_value_start(writer, JSON_MEMBER_CAUSE);
	json_value_cause(writer, cause);
}

static void put_signal(struct json_writer *writer, const struct visitor_event *event)
{
	const struct dz_signal *row = event->event->row;

	put_signal_name(writer, row->signal);
	put_code_name(writer, row->signal, row->code);
}

static void put_delivery(struct json_writer *writer, const struct visitor_event *event)
{
	const struct dz_delivery *row = event->event->row;
	const struct cause_signal *taken = event->taken;

	put_signal_name(writer, row->signal);
	put_code_name(writer, row->signal, row->code);
	json_value_uint(writer, JSON_MEMBER_ORIGINAL_SIGNAL, event->taken_number);
	if (!taken->file)
		return;
	if (row->time >= taken->row.time)
		json_value_uint(writer, JSON_MEMBER_PENDING_NS, row->time - taken->row.time);
	json_value_start(writer, JSON_MEMBER_SIGNAL_SENDER);
	json_value_sender(writer, taken);
}

static void put_section(struct json_writer *writer, const struct visitor_event *event)
{
	const struct dz_section *row = event->event->row;

	if (row->time >= row->start)
		json_value_uint(writer, JSON_MEMBER_DURATION_NS, row->time - row->start);
}

static void put_lost(struct json_writer *writer, const struct visitor_event *event)
{
	json_value_uint(writer, JSON_MEMBER_FIRST_NS, event->unix_ns);
}

/* Kinds with members that are not fields. */
static void (*const extras[])(struct json_writer *writer, const struct visitor_event *event) = {
	[DZ_KIND_EXIT] = put_exit,         [DZ_KIND_SIGNAL] = put_signal,
	[DZ_KIND_DELIVERY] = put_delivery, [DZ_KIND_SECTION] = put_section,
	[DZ_KIND_LOST] = put_lost,
};

/* Whether an exit is the first failure of the COMMAND. */
static void put_first_failure(struct json_report *report, const struct visitor_event *event)
{
	const struct json_first_failure *failure = &report->first_failure;
	const struct dz_exit *row = event->event->row;
	const struct dz_task *task = event->task;

	if (!failure->is_known || row->thread || !task)
		return;
	json_value_bool(&report->writer, JSON_MEMBER_FIRST_FAILURE,
			failure->pid != 0 && failure->pid == task->pid &&
				failure->start == task->process_start &&
				failure->boot == event->file->boot);
}

static void put_system_call(struct json_writer *writer, const struct json_plan *plan,
			    const struct visitor_event *event)
{
	const uint64_t *values = event->event->values;
	uint64_t compat = plan->compat >= 0 ? values[plan->compat] : 0;

	json_value_system_call(writer, trace_call_machine(event->file, compat),
			       (int64_t)values[plan->system_call]);
}

/* Appends an object without its closing brace. `inside`: for a place inside the object of a
 * section, without the members that the section has. */
static void put_members(struct json_report *report, const struct visitor_event *event, bool inside)
{
	struct json_writer *writer = &report->writer;
	const struct json_plan *plan = plan_of(report, event);
	uint32_t kind = event->event->kind;

	if (!plan)
		return;
	buffer_put_u8(&writer->buffer, '{');
	if (!inside) {
		json_value_word(writer, JSON_MEMBER_TYPE, plan->type);
		if (plan->other_kind[0])
			json_value_word(writer, JSON_MEMBER_OTHER_KIND, plan->other_kind);
		json_value_origin(writer, event->file, event->unix_ns);
	}
	for (uint32_t i = 0; i < plan->field_count; i++)
		if (!inside || !plan->fields[i].is_of_section)
			put_field(report, event, &plan->fields[i], event->event->values[i]);
	if (!inside && event->event->row && kind < COUNT(extras) && extras[kind])
		extras[kind](writer, event);
	if (!inside && event->event->row && kind == DZ_KIND_EXIT)
		put_first_failure(report, event);
	if (plan->system_call >= 0)
		put_system_call(writer, plan, event);
}

static void append_members(void *context, const struct visitor_event *event, bool inside)
{
	put_members(context, event, inside);
}

static bool is_held(const struct dz_event *event)
{
	return event->row && (event->kind == DZ_KIND_SECTION || event->kind == DZ_KIND_STEP ||
			      event->kind == DZ_KIND_PHASE);
}

static bool hold_event(struct json_report *report, const struct visitor_event *event)
{
	const struct json_sections_maker maker = {&report->writer, report, append_members};

	if (!report->sections && !json_sections_new(&maker, &report->sections))
		return false;
	return json_sections_write_before(report->sections, event->unix_ns) &&
	       json_sections_add(report->sections, event);
}

static bool write_line(struct json_report *report, const struct visitor_event *event)
{
	if (report->sections && !json_sections_write_before(report->sections, event->unix_ns))
		return false;
	put_members(report, event, false);
	json_text_literal(&report->writer.buffer, "}\n");
	return json_writer_continue(&report->writer);
}

static bool write_event(void *context, const struct visitor_event *event)
{
	struct json_report *report = context;
	bool ok = is_held(event->event) ? hold_event(report, event) : write_line(report, event);

	report->out_of_memory = !ok && !ferror(report->writer.out);
	return ok;
}

struct visitor json_report_visitor(struct json_report *report)
{
	/* Clocks are not events, and info records are in --info. */
	uint64_t kinds =
		VISITOR_ALL_KINDS & ~VISITOR_KIND(DZ_KIND_CLOCK) & ~VISITOR_KIND(DZ_KIND_INFO);

	return (struct visitor){.context = report, .kinds = kinds, .visit = write_event};
}

static void put_summary(struct json_writer *writer, const struct trace *trace,
			const struct totals *totals, bool complete)
{
	struct time_range span = trace_span(trace);
	uint64_t events = totals->others;

	for (uint32_t kind = DZ_KIND_FIRST_EVENT; kind < 64; kind++)
		events += totals->kinds[kind];
	buffer_put_u8(&writer->buffer, '{');
	json_value_word(writer, JSON_MEMBER_TYPE, "summary");
	json_value_bool(writer, JSON_MEMBER_COMPLETE, complete);
	json_value_uint(writer, JSON_MEMBER_EVENTS, events);
	json_value_uint(writer, JSON_MEMBER_LOST, totals->lost);
	json_value_uint(writer, JSON_MEMBER_EXITS, totals->exits);
	json_value_uint(writer, JSON_MEMBER_THREAD_EXITS, totals->thread_exits);
	json_value_uint(writer, JSON_MEMBER_BY_SIGNAL, totals->by_signal);
	json_value_uint(writer, JSON_MEMBER_FAILED, totals->failed);
	json_value_uint(writer, JSON_MEMBER_CORE_DUMPED, totals->core_dumped);
	json_value_uint(writer, JSON_MEMBER_DUPLICATES, trace_duplicates(trace));
	json_value_uint(writer, JSON_MEMBER_START_NS, span.first_ns);
	json_value_uint(writer, JSON_MEMBER_END_NS, span.last_ns);
	json_text_literal(&writer->buffer, "}\n");
}

bool json_report_summary(struct json_report *report, const struct trace *trace,
			 const struct totals *totals, bool complete)
{
	bool ok = !report->sections || json_sections_finish(report->sections);

	if (ok)
		put_summary(&report->writer, trace, totals, complete);
	ok = ok && json_writer_flush(&report->writer);
	report->out_of_memory = !ok && !ferror(report->writer.out);
	return ok;
}

bool json_report_flush(struct json_report *report)
{
	return json_writer_flush(&report->writer);
}

void json_report_release(struct json_report *report)
{
	json_sections_free(report->sections);
	report->sections = NULL;
	for (size_t i = 0; i < JSON_REPORT_PLANS; i++) {
		free(report->plans[i].plan);
		report->plans[i].plan = NULL;
	}
	json_writer_release(&report->writer);
}
