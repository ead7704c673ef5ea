/* analyze/json/json_report.c - events as NDJSON, one object a line */
#include "analyze/json/json_report.h"

#include <string.h>

#include "abi/signal.h"
#include "abi/system_call.h"
#include "analyze/json/json_value.h"
#include "analyze/trace/event_field.h"

#define NAME_MAX_BYTES 80u

/* A user id that is unknown. */
#define UNKNOWN_ID UINT32_MAX

/* Units that are appended to the name of a member. */
static const char *const suffixes[] = {"ns", "us", "ms", "bytes"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Makes the name of a member: "max_rss_bytes" for field max_rss with unit bytes. */
static void make_name(const struct dz_field_schema *field, char name[static NAME_MAX_BYTES])
{
	const char *unit = field->type == DZ_TYPE_TIME ? "ns" : field->unit;

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		if (strcmp(unit, suffixes[i]) != 0)
			continue;
		snprintf(name, NAME_MAX_BYTES, "%s_%s", field->name, unit);
		return;
	}
	snprintf(name, NAME_MAX_BYTES, "%s", field->name);
}

/* Sets the members of field task, whose names have no prefix. */
static bool set_task(json_t *object, const struct trace_file *file, const struct dz_task *task)
{
	const struct dz_task *parent = dz_reader_task(file->reader, task->parent);

	if (!json_value_uint(object, "pid", task->pid) ||
	    !json_value_uint(object, "tid", task->tid) ||
	    !json_value_text(object, "comm", trace_text(file, task->comm)))
		return false;
	if (parent && !json_value_uint(object, "ppid", parent->pid))
		return false;
	if (task->uid != UNKNOWN_ID && !json_value_uint(object, "uid", task->uid))
		return false;
	if (task->command_line != 0 &&
	    !json_value_text(object, "cmdline", trace_text(file, task->command_line)))
		return false;
	return json_value_uint(object, "ns_pid", task->ns_pid) &&
	       json_value_text(object, "cgroup", trace_text(file, task->cgroup)) &&
	       json_value_set(object, "ancestors", json_value_ancestors(file, task));
}

/* Sets the members of another task: "receiver_pid" and so on. */
static bool set_other_task(json_t *object, const char *field, const struct trace_file *file,
			   const struct dz_task *task)
{
	char name[NAME_MAX_BYTES];

	snprintf(name, sizeof(name), "%s_pid", field);
	if (!json_value_uint(object, name, task->pid))
		return false;
	snprintf(name, sizeof(name), "%s_tid", field);
	if (!json_value_uint(object, name, task->tid))
		return false;
	snprintf(name, sizeof(name), "%s_cgroup", field);
	if (!json_value_text(object, name, trace_text(file, task->cgroup)))
		return false;
	snprintf(name, sizeof(name), "%s_comm", field);
	return json_value_text(object, name, trace_text(file, task->comm));
}

static bool set_task_field(json_t *object, const char *field, const struct trace_file *file,
			   uint64_t value)
{
	const struct dz_task *task = dz_reader_task(file->reader, value);

	if (!task)
		return true;
	if (strcmp(field, "task") == 0)
		return set_task(object, file, task);
	return set_other_task(object, field, file, task);
}

static bool set_number(json_t *object, const struct visitor_event *event,
		       const struct dz_field_schema *field, uint64_t value)
{
	const char *word = event_field_word(event->event->kind, field->name, value);
	char name[NAME_MAX_BYTES];

	if (word)
		return json_value_word(object, field->name, word);
	if (strcmp(field->unit, "hex") == 0)
		return json_value_hex(object, field->name, value);
	make_name(field, name);
	if (field->type == DZ_TYPE_INT)
		return json_value_int(object, name, (int64_t)value);
	if (field->type == DZ_TYPE_TIME && value != 0)
		value = dz_reader_realtime_ns(event->file->reader, value);
	return json_value_uint(object, name, value);
}

/* For an exit, the user stack is that of the thread that took the signal or called exit(). */
static bool set_stack(json_t *object, const char *field, const struct visitor_event *event,
		      uint64_t value)
{
	struct cause_stack stack = {event->file, value};

	if (event->cause && strcmp(field, "user_stack") == 0)
		stack = event->cause->user;
	return json_value_set(object, field, json_value_stack(stack.file, stack.stack));
}

/* Returns whether a field is the same for the whole section: such fields are absent inside a
 * section.
 */
static bool is_of_section(const struct dz_field_schema *field)
{
	static const char *const names[] = {"task", "section", "outermost"};

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(field->name, names[i]) == 0)
			return true;
	return false;
}

static bool set_field(json_t *object, const struct json_report *report,
		      const struct visitor_event *event, uint32_t number)
{
	const struct dz_field_schema *field = &event->event->schema->fields[number];
	uint64_t value = event->event->values[number];

	switch ((int)field->type) {
	case DZ_TYPE_FLAG:
		return json_value_bool(object, field->name, value != 0);
	case DZ_TYPE_STRING:
		return json_value_text(object, field->name, trace_text(event->file, value));
	case DZ_TYPE_TASK:
		return set_task_field(object, field->name, event->file, value);
	case DZ_TYPE_STACK:
		return !report->stacks || set_stack(object, field->name, event, value);
	default:
		return set_number(object, event, field, value);
	}
}

static bool set_signal_name(json_t *object, uint64_t number)
{
	return number == 0 ||
	       json_value_word(object, "signal_name", signal_name((uint32_t)number).text);
}

/* The thread that ended its process, if it is not the first. */
static bool set_thread_name(json_t *object, const struct cause_thread *thread)
{
	return !thread->file ||
	       (json_value_uint(object, "thread_tid", thread->tid) &&
		json_value_text(object, "thread_name", trace_text(thread->file, thread->comm)));
}

/* The class of an end, and the handled signal before it. */
static bool set_handling(json_t *object, const struct cause *cause)
{
	if (!json_value_word(object, "class", cause_class(cause)) ||
	    !json_value_bool(object, "reraised", cause->handling == CAUSE_RERAISED))
		return false;
	return cause->handling == CAUSE_NOT_HANDLED ||
	       json_value_set(object, "after_signal", json_value_handled(&cause->handled));
}

static bool set_exit(json_t *object, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;
	uint64_t start = 0;

	if (event->task)
		start = row->thread ? event->task->start : event->task->process_start;
	if (start != 0 && start <= row->time &&
	    !json_value_uint(object, "lifetime_ns", row->time - start))
		return false;
	return set_signal_name(object, row->signal) &&
	       set_thread_name(object, &event->cause->thread) &&
	       set_handling(object, event->cause) &&
	       json_value_set(object, "cause", json_value_cause(event->cause));
}

static bool set_signal(json_t *object, const struct visitor_event *event)
{
	const struct dz_signal *row = event->event->row;
	const char *code = signal_code_name((uint32_t)row->signal, (int32_t)row->code);

	return set_signal_name(object, row->signal) &&
	       (!code || json_value_word(object, "code_name", code));
}

static bool set_delivery(json_t *object, const struct visitor_event *event)
{
	const struct dz_delivery *row = event->event->row;
	const struct cause_signal *taken = event->taken;
	const char *code = signal_code_name((uint32_t)row->signal, (int32_t)row->code);

	if (!set_signal_name(object, row->signal) ||
	    (code && !json_value_word(object, "code_name", code)) ||
	    !json_value_uint(object, "original_signal", event->taken_number))
		return false;
	if (!taken->file)
		return true;
	if (row->time >= taken->row.time &&
	    !json_value_uint(object, "pending_ns", row->time - taken->row.time))
		return false;
	return json_value_set(object, "signal_sender", json_value_sender(taken));
}

static bool set_section(json_t *object, const struct visitor_event *event)
{
	const struct dz_section *row = event->event->row;

	return row->time < row->start ||
	       json_value_uint(object, "duration_ns", row->time - row->start);
}

static bool set_lost(json_t *object, const struct visitor_event *event)
{
	return json_value_uint(object, "first_ns", event->unix_ns);
}

/* Kinds with members that are not fields. */
static const struct {
	uint32_t kind;
	bool (*set)(json_t *object, const struct visitor_event *event);
} extras[] = {
	{DZ_KIND_EXIT, set_exit},         {DZ_KIND_SIGNAL, set_signal},
	{DZ_KIND_DELIVERY, set_delivery}, {DZ_KIND_SECTION, set_section},
	{DZ_KIND_LOST, set_lost},
};

static bool set_extras(json_t *object, const struct visitor_event *event)
{
	for (size_t i = 0; i < COUNT(extras); i++)
		if (extras[i].kind == event->event->kind && event->event->row)
			return extras[i].set(object, event);
	return true;
}

static bool set_system_call(json_t *object, const struct visitor_event *event)
{
	uint64_t number, compat = 0;

	if (!event_field_find(event->event, "system_call", DZ_TYPE_INT, &number) ||
	    (int64_t)number < 0 || number > INT32_MAX)
		return true;
	(void)event_field_find(event->event, "compat", DZ_TYPE_FLAG, &compat);
	return json_value_word(
		object, "system_call_name",
		system_call_name(trace_call_machine(event->file, compat), (int32_t)number).text);
}

static bool set_event(json_t *object, const struct json_report *report,
		      const struct visitor_event *event)
{
	if (!json_value_word(object, "type", event->event->schema->name))
		return false;
	for (uint32_t i = 0; i < event->event->schema->field_count; i++)
		if (!set_field(object, report, event, i))
			return false;
	return set_extras(object, event) && set_system_call(object, event);
}

static bool set_inside(json_t *object, const struct json_report *report,
		       const struct visitor_event *event)
{
	for (uint32_t i = 0; i < event->event->schema->field_count; i++)
		if (!is_of_section(&event->event->schema->fields[i]) &&
		    !set_field(object, report, event, i))
			return false;
	return set_system_call(object, event);
}

static json_t *make_object(void *context, const struct visitor_event *event, bool inside)
{
	struct json_report *report = context;
	json_t *object = json_object();

	if (object &&
	    (inside ? set_inside(object, report, event) : set_event(object, report, event)))
		return object;
	json_decref(object);
	report->out_of_memory = true;
	return NULL;
}

static bool is_held(const struct dz_event *event)
{
	return event->row && (event->kind == DZ_KIND_SECTION || event->kind == DZ_KIND_STEP ||
			      event->kind == DZ_KIND_PHASE);
}

static bool hold_event(struct json_report *report, const struct visitor_event *event)
{
	const struct json_sections_maker maker = {report->out, report, make_object};

	if (!report->sections && !json_sections_new(&maker, &report->sections))
		return false;
	return json_sections_write_before(report->sections, event->unix_ns) &&
	       json_sections_add(report->sections, event);
}

static bool write_event(void *context, const struct visitor_event *event)
{
	struct json_report *report = context;
	json_t *object;
	bool ok;

	if (is_held(event->event)) {
		ok = hold_event(report, event);
		report->out_of_memory = !ok && !ferror(report->out);
		return ok;
	}
	if (report->sections && !json_sections_write_before(report->sections, event->unix_ns)) {
		report->out_of_memory = !ferror(report->out);
		return false;
	}
	object = make_object(report, event, false);
	if (!object)
		return false;
	ok = json_value_write(report->out, object);
	json_decref(object);
	report->out_of_memory = !ok && !ferror(report->out);
	return ok;
}

struct visitor json_report_visitor(struct json_report *report)
{
	/* Clocks are not events, and info records are in --info. */
	uint64_t kinds =
		VISITOR_ALL_KINDS & ~VISITOR_KIND(DZ_KIND_CLOCK) & ~VISITOR_KIND(DZ_KIND_INFO);

	return (struct visitor){.context = report, .kinds = kinds, .visit = write_event};
}

static bool set_summary(json_t *object, const struct trace *trace, const struct totals *totals,
			bool complete)
{
	struct time_range span = trace_span(trace);
	uint64_t events = totals->others;

	for (uint32_t kind = DZ_KIND_FIRST_EVENT; kind < 64; kind++)
		events += totals->kinds[kind];
	return json_value_word(object, "type", "summary") &&
	       json_value_bool(object, "complete", complete) &&
	       json_value_uint(object, "events", events) &&
	       json_value_uint(object, "lost", totals->lost) &&
	       json_value_uint(object, "exits", totals->exits) &&
	       json_value_uint(object, "thread_exits", totals->thread_exits) &&
	       json_value_uint(object, "by_signal", totals->by_signal) &&
	       json_value_uint(object, "failed", totals->failed) &&
	       json_value_uint(object, "core_dumped", totals->core_dumped) &&
	       json_value_uint(object, "start_ns", span.first_ns) &&
	       json_value_uint(object, "end_ns", span.last_ns);
}

bool json_report_summary(struct json_report *report, const struct trace *trace,
			 const struct totals *totals, bool complete)
{
	bool all = !report->sections || json_sections_finish(report->sections);
	json_t *object = json_object();
	bool ok = all && object && set_summary(object, trace, totals, complete) &&
		  json_value_write(report->out, object);

	json_decref(object);
	report->out_of_memory = !ok && !ferror(report->out);
	return ok;
}

void json_report_release(struct json_report *report)
{
	json_sections_free(report->sections);
	report->sections = NULL;
}
