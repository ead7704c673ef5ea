/* analyze/report/tables.c - one table of text for each kind of event */
#include "analyze/report/tables.h"

#include <inttypes.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/wording.h"
#include "analyze/event_field.h"
#include "format/codes.h"
#include "text/quantity.h"

/* What a comm can have, and names that are not escaped fit into. */
#define COMM_WIDTH 16

#define STACK_INDENT "        "

static void write_time(const struct table *table, const struct visitor_event *event)
{
	if (table->dates)
		fprintf(table->out, "%.10s ", moment_date(event->unix_ns, table->utc).text);
	fprintf(table->out, "%-15s  ", moment_time(event->unix_ns, table->utc).text);
}

static void write_time_head(const struct table *table)
{
	fprintf(table->out, "%-*s  ", table->dates ? 26 : 15, "TIME");
}

static void write_comm(const struct table *table, const struct trace_file *file,
		       const struct dz_task *task)
{
	static const struct trace_text unknown = {"?", 1};

	wording_column(table->out, task ? trace_text(file, task->comm) : unknown, COMM_WIDTH);
	fputs("  ", table->out);
}

static void write_id(const struct table *table, const struct dz_task *task, uint64_t id)
{
	if (task)
		fprintf(table->out, "%7" PRIu64 "  ", id);
	else
		fprintf(table->out, "%7s  ", "?");
}

/* PID and COMM */
static void write_task(const struct table *table, const struct trace_file *file,
		       const struct dz_task *task)
{
	write_id(table, task, task ? task->pid : 0);
	write_comm(table, file, task);
}

static void write_lifetime(const struct table *table, uint64_t start, uint64_t end)
{
	if (start != 0 && start <= end)
		fprintf(table->out, "%12s  ", moment_lifetime(end - start).text);
	else
		fprintf(table->out, "%12s  ", "?");
}

/* atop's: N if it started while it was watched; then how it ended. */
static void write_state(const struct table *table, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;
	uint64_t first = dz_reader_header(event->file->reader)->boottime_ns;
	uint64_t start = event->task ? event->task->process_start : 0;
	char end = 'E';

	if (row->signal != 0)
		end = row->core_dumped ? 'C' : 'S';
	fprintf(table->out, "%c%c  %3" PRIu64 "  ", start >= first && start != 0 ? 'N' : '-', end,
		row->signal != 0 ? row->signal : row->exit_code);
}

static void write_exit(const struct table *table, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;
	const struct dz_task *task = event->task;
	const struct dz_task *parent =
		task ? dz_reader_task(event->file->reader, task->parent) : NULL;
	uint64_t start = 0;

	write_id(table, task, task ? task->pid : 0);
	write_id(table, parent, parent ? parent->pid : 0);
	write_comm(table, event->file, task);
	write_state(table, event);
	if (task)
		start = row->thread ? task->start : task->process_start;
	write_lifetime(table, start, row->time);
	if (row->thread && task)
		fprintf(table->out, "thread %" PRIu64 ": ", task->tid);
	wording_cause(table->out, event->cause);
}

/* Whether the task that ran when a signal was generated has to do with it. */
static bool is_from_task(const struct dz_signal *row)
{
	return row->origin == DZ_ORIGIN_PROCESS || row->origin == DZ_ORIGIN_CHILD ||
	       row->origin == DZ_ORIGIN_PARENT_DEATH || row->origin == DZ_ORIGIN_PID_NAMESPACE ||
	       row->origin == DZ_ORIGIN_CGROUP_KILL;
}

static void write_code(const struct table *table, uint64_t signal, uint64_t code)
{
	const char *name = signal_code_name((uint32_t)signal, (int32_t)code);

	if (name)
		fprintf(table->out, "%-13s  ", name);
	else
		fprintf(table->out, "%-13" PRId64 "  ", (int64_t)code);
}

static void write_signal_number(const struct table *table, uint64_t signal)
{
	fprintf(table->out, "%6" PRIu64 "  %-12s  ", signal, signal_name((uint32_t)signal).text);
}

static void write_signal(const struct table *table, const struct visitor_event *event)
{
	const struct dz_signal *row = event->event->row;
	const char *result = event_field_word(DZ_KIND_SIGNAL, "result", row->result);
	const char *origin = event_field_word(DZ_KIND_SIGNAL, "origin", row->origin);

	if (is_from_task(row))
		write_task(table, event->file, dz_reader_task(event->file->reader, row->task));
	else
		fprintf(table->out, "%7s  %-16s  ", "-", "[kernel]");
	write_task(table, event->file, event->task);
	write_signal_number(table, row->signal);
	write_code(table, row->signal, row->code);
	fputs(result ? result : "?", table->out);
	if (!row->group)
		fputs(", to one thread", table->out);
	if (origin && row->origin != DZ_ORIGIN_PROCESS)
		fprintf(table->out, ", %s", origin);
}

static void write_delivery(const struct table *table, const struct visitor_event *event)
{
	const struct dz_delivery *row = event->event->row;
	const struct cause_signal *taken = event->taken;

	write_task(table, event->file, event->task);
	write_signal_number(table, row->signal);
	write_code(table, row->signal, row->code);
	if (taken->file)
		write_lifetime(table, taken->row.time, row->time);
	else
		fprintf(table->out, "%12s  ", "?");
	fputs(row->handled ? "handled" : "default", table->out);
	if (row->signal != event->taken_number)
		fprintf(table->out, ", the kernel ends the process because of %s",
			event->taken_number != 0 ? signal_name(event->taken_number).text
						 : "an exit or exec");
}

static void write_oom(const struct table *table, const struct visitor_event *event)
{
	const struct dz_oom *row = event->event->row;

	write_task(table, event->file, event->task);
	fprintf(table->out, "%11s  ", quantity_of_bytes(row->anon_rss).text);
	fprintf(table->out, "%11s  ", quantity_of_bytes(row->file_rss).text);
	fprintf(table->out, "%11s  ", quantity_of_bytes(row->shmem_rss).text);
	fprintf(table->out, "%6" PRId64 "  ", (int64_t)row->score_adjustment);
	wording_task(table->out, event->file, dz_reader_task(event->file->reader, row->task));
}

static void write_probe(const struct table *table, const struct visitor_event *event)
{
	const struct dz_probe *row = event->event->row;

	write_task(table, event->file, event->task);
	fprintf(table->out, "%3" PRIu64 "  ", row->cpu);
	fprintf(table->out, "%10s  ", row->latency ? quantity_of_duration(row->latency).text : "-");
	wording_text(table->out, trace_text(event->file, row->probe));
	if (row->arguments != 0) {
		fputc(' ', table->out);
		wording_text(table->out, trace_text(event->file, row->arguments));
	}
	if (row->latency != 0)
		fprintf(table->out, " = %" PRId64, (int64_t)row->result);
}

static void write_section(const struct table *table, const struct visitor_event *event)
{
	const struct dz_section *row = event->event->row;
	const char *source = event_field_word(DZ_KIND_SECTION, "source", row->source);
	uint64_t duration = row->time >= row->start ? row->time - row->start : 0;

	write_task(table, event->file, event->task);
	fprintf(table->out, "%10s  ", quantity_of_duration(duration).text);
	fprintf(table->out, "%10s  ", quantity_of_duration(row->threshold).text);
	fprintf(table->out, "%-8s  ", source ? source : "?");
	wording_text(table->out, trace_text(event->file, row->label));
}

static const struct table_kind {
	uint32_t kind;
	const char *title;
	const char *head; /* after the column of the time */
	void (*write)(const struct table *table, const struct visitor_event *event);
	size_t kernel_stack; /* offsets in the row; 0 for none */
	size_t user_stack;
} table_kinds[] = {
	{
		DZ_KIND_EXIT,
		"exits",
		"    PID     PPID  COMM              ST  EXC      LIFETIME  CAUSE",
		write_exit,
		offsetof(struct dz_exit, kernel_stack),
		offsetof(struct dz_exit, user_stack),
	},
	{
		DZ_KIND_SIGNAL,
		"signals",
		"   SPID  SNAME                RPID  RNAME             SIGNUM  SIGNAME       CODE  "
		"         "
		"RESULT",
		write_signal,
		offsetof(struct dz_signal, kernel_stack),
		offsetof(struct dz_signal, user_stack),
	},
	{
		DZ_KIND_DELIVERY,
		"deliveries of signals",
		"    PID  COMM              SIGNUM  SIGNAME       CODE                PENDING  "
		"ACTION",
		write_delivery,
		0,
		offsetof(struct dz_delivery, user_stack),
	},
	{
		DZ_KIND_OOM,
		"out of memory",
		"    PID  COMM                ANONYMOUS         FILE       SHARED  ADJUST  WANTED "
		"BY",
		write_oom,
		0,
		0,
	},
	{
		DZ_KIND_PROBE,
		"probes",
		"    PID  COMM              CPU     LATENCY  PROBE",
		write_probe,
		offsetof(struct dz_probe, kernel_stack),
		offsetof(struct dz_probe, user_stack),
	},
	{
		DZ_KIND_SECTION,
		"sections",
		"    PID  COMM                DURATION   THRESHOLD  SOURCE    LABEL",
		write_section,
		0,
		0,
	},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

uint32_t tables_kind(size_t number)
{
	return number < COUNT(table_kinds) ? table_kinds[number].kind : 0;
}

static void write_stack(const struct table *table, const struct visitor_event *event, size_t offset)
{
	uint64_t stack;

	if (offset == 0)
		return;
	memcpy(&stack, (const char *)event->event->row + offset, sizeof(stack));
	wording_stack_lines(table->out, event->file, stack, STACK_INDENT);
}

static void write_stacks(const struct table *table, const struct visitor_event *event,
			 const struct table_kind *kind)
{
	write_stack(table, event, kind->kernel_stack);
	if (event->cause)
		wording_stack_lines(table->out, event->cause->user.file, event->cause->user.stack,
				    STACK_INDENT);
	else
		write_stack(table, event, kind->user_stack);
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct table *table = context;
	const struct table_kind *kind = table_kinds;

	while (kind->kind != table->kind)
		kind++;
	if (!table->headed) {
		fprintf(table->out, "\n%s\n", kind->title);
		write_time_head(table);
		fprintf(table->out, "%s\n", kind->head);
		table->headed = true;
	}
	write_time(table, event);
	kind->write(table, event);
	fputc('\n', table->out);
	if (table->stacks)
		write_stacks(table, event, kind);
	return !ferror(table->out);
}

struct visitor table_visitor(struct table *table)
{
	return (struct visitor){
		.context = table,
		.kinds = VISITOR_KIND(table->kind),
		.visit = visit,
	};
}
