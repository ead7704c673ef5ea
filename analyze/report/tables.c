/* analyze/report/tables.c - one table of text for each kind of event */
#include "analyze/report/tables.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/task_text.h"
#include "analyze/trace/event_field.h"
#include "text/quantity.h"
#include <dz/enums.h>

#define STACK_INDENT "        "
#define NS_PER_US    1000u

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct column;

/* One event in one column. */
struct cell {
	const struct column *column;
	const struct visitor_event *event;
	FILE *out;
};

struct column {
	const char *head;
	int width; /* negative: aligned to the left; 0: the rest of the line */
	void (*write)(const struct cell *cell);
	size_t offset; /* of the field in the row; unused by columns with a special function */
};

static void put_text(const struct cell *cell, const char *text)
{
	fprintf(cell->out, "%*s", cell->column->width, text);
}

static void put_id(const struct cell *cell, uint64_t id)
{
	fprintf(cell->out, "%*" PRIu64, cell->column->width, id);
}

static void put_comm(const struct cell *cell, const struct dz_task *task)
{
	static const struct trace_text unknown = {"?", 1};

	task_text_column(cell->out, task ? trace_text(cell->event->file, task->comm) : unknown,
			 (size_t)-cell->column->width);
}

static void put_lifetime(const struct cell *cell, uint64_t start, uint64_t end)
{
	put_text(cell, start != 0 && start <= end ? timestamp_lifetime(end - start).text : "?");
}

static void put_code(const struct cell *cell, uint64_t signal, uint64_t code)
{
	const char *name = signal_code_name((uint32_t)signal, (int32_t)code);

	if (name)
		put_text(cell, name);
	else
		fprintf(cell->out, "%*" PRId64, cell->column->width, (int64_t)code);
}

static uint64_t value_of(const struct cell *cell)
{
	uint64_t value;

	memcpy(&value, (const char *)cell->event->event->row + cell->column->offset, sizeof(value));
	return value;
}

static void write_number(const struct cell *cell)
{
	put_id(cell, value_of(cell));
}

static void write_integer(const struct cell *cell)
{
	fprintf(cell->out, "%*" PRId64, cell->column->width, (int64_t)value_of(cell));
}

static void write_bytes(const struct cell *cell)
{
	put_text(cell, quantity_of_bytes(value_of(cell)).text);
}

static void write_duration(const struct cell *cell)
{
	put_text(cell, quantity_of_duration(value_of(cell)).text);
}

static void write_string(const struct cell *cell)
{
	task_text_text(cell->out, trace_text(cell->event->file, value_of(cell)));
}

static void write_signal_name(const struct cell *cell)
{
	put_text(cell, signal_name((uint32_t)value_of(cell)).text);
}

static void write_pid(const struct cell *cell)
{
	if (cell->event->task)
		put_id(cell, cell->event->task->pid);
	else
		put_text(cell, "?");
}

static void write_comm(const struct cell *cell)
{
	put_comm(cell, cell->event->task);
}

static void write_parent_pid(const struct cell *cell)
{
	const struct dz_task *task = cell->event->task;
	const struct dz_task *parent =
		task ? dz_reader_task(cell->event->file->reader, task->parent) : NULL;

	if (parent)
		put_id(cell, parent->pid);
	else
		put_text(cell, "?");
}

/* As in atop(1): N if the process started during the recording; then how it ended. */
static void write_state(const struct cell *cell)
{
	const struct dz_exit *row = cell->event->event->row;
	uint64_t first = dz_reader_header(cell->event->file->reader)->boottime_ns;
	uint64_t start = cell->event->task ? cell->event->task->process_start : 0;
	char end = 'E';

	if (row->signal != 0)
		end = row->core_dumped ? 'C' : 'S';
	fprintf(cell->out, "%c%c", start >= first && start != 0 ? 'N' : '-', end);
}

static void write_exit_status(const struct cell *cell)
{
	const struct dz_exit *row = cell->event->event->row;

	put_id(cell, row->signal != 0 ? row->signal : row->exit_code);
}

static void write_age(const struct cell *cell)
{
	const struct dz_exit *row = cell->event->event->row;
	const struct dz_task *task = cell->event->task;
	uint64_t start = 0;

	if (task)
		start = row->thread ? task->start : trace_program_start(cell->event->file, task);
	put_lifetime(cell, start, row->time);
}

static void write_cause(const struct cell *cell)
{
	const struct dz_exit *row = cell->event->event->row;
	const struct dz_task *task = cell->event->task;

	if (row->thread && task)
		fprintf(cell->out, "thread %" PRIu64 ": ", task->tid);
	cause_text_write(cell->out, cell->event->cause);
}

/* Whether the signal comes from the task that ran when it was generated. */
static bool is_from_task(const struct dz_signal *row)
{
	return row->source == DZ_SIGNAL_SOURCE_PROCESS || row->source == DZ_SIGNAL_SOURCE_CHILD ||
	       row->source == DZ_SIGNAL_SOURCE_PARENT_DEATH ||
	       row->source == DZ_SIGNAL_SOURCE_PID_NAMESPACE ||
	       row->source == DZ_SIGNAL_SOURCE_CGROUP_KILL;
}

static void write_sender_pid(const struct cell *cell)
{
	const struct dz_signal *row = cell->event->event->row;
	const struct dz_task *task = dz_reader_task(cell->event->file->reader, row->task);

	if (is_from_task(row) && task)
		put_id(cell, task->pid);
	else
		put_text(cell, is_from_task(row) ? "?" : "-");
}

static void write_sender_comm(const struct cell *cell)
{
	const struct dz_signal *row = cell->event->event->row;

	if (is_from_task(row))
		put_comm(cell, dz_reader_task(cell->event->file->reader, row->task));
	else
		put_text(cell, "[kernel]");
}

static void write_signal_code(const struct cell *cell)
{
	const struct dz_signal *row = cell->event->event->row;

	put_code(cell, row->signal, row->code);
}

static void write_result(const struct cell *cell)
{
	const struct dz_signal *row = cell->event->event->row;
	const char *result = event_field_word(DZ_KIND_SIGNAL, "result", row->result);
	const char *source = event_field_word(DZ_KIND_SIGNAL, "source", row->source);

	fputs(result ? result : "?", cell->out);
	if (!row->group)
		fputs(", to one thread", cell->out);
	if (source && row->source != DZ_SIGNAL_SOURCE_PROCESS)
		fprintf(cell->out, ", %s", source);
}

static void write_delivery_code(const struct cell *cell)
{
	const struct dz_delivery *row = cell->event->event->row;

	put_code(cell, row->signal, row->code);
}

static void write_pending(const struct cell *cell)
{
	const struct dz_delivery *row = cell->event->event->row;
	const struct cause_signal *taken = cell->event->taken;

	put_lifetime(cell, taken->file ? taken->row.time : 0, row->time);
}

static void write_action(const struct cell *cell)
{
	const struct dz_delivery *row = cell->event->event->row;
	uint32_t number = cell->event->taken_number;

	fputs(row->handled ? "handled" : "default", cell->out);
	if (row->signal != number)
		fprintf(cell->out, ", the kernel ends the process because of %s",
			number != 0 ? signal_name(number).text : "an exit or exec");
}

static void write_wanted_by(const struct cell *cell)
{
	const struct dz_oom *row = cell->event->event->row;

	task_text_task(cell->out, cell->event->file,
		       dz_reader_task(cell->event->file->reader, row->task));
}

static void write_section_duration(const struct cell *cell)
{
	const struct dz_section *row = cell->event->event->row;

	put_text(cell,
		 quantity_of_duration(row->time >= row->start ? row->time - row->start : 0).text);
}

static void write_source(const struct cell *cell)
{
	const char *source = event_field_word(DZ_KIND_SECTION, "source", value_of(cell));

	put_text(cell, source ? source : "?");
}

static void write_tid(const struct cell *cell)
{
	if (cell->event->task)
		put_id(cell, cell->event->task->tid);
	else
		put_text(cell, "?");
}

static void write_runq_cause(const struct cell *cell)
{
	const char *cause = event_field_word(DZ_KIND_RUNQ, "cause", value_of(cell));

	put_text(cell, cause ? cause : "?");
}

/* As runqslower prints it: microseconds, and the thread that ran before on the CPU. */
static void write_us(const struct cell *cell)
{
	put_id(cell, value_of(cell) / NS_PER_US);
}

static void write_previous_tid(const struct cell *cell)
{
	const struct dz_task *task = dz_reader_task(cell->event->file->reader, value_of(cell));

	if (task)
		put_id(cell, task->tid);
	else
		put_text(cell, "?");
}

static void write_previous_comm(const struct cell *cell)
{
	put_comm(cell, dz_reader_task(cell->event->file->reader, value_of(cell)));
}

static void write_waker(const struct cell *cell)
{
	const struct dz_runq *row = cell->event->event->row;

	if (row->throttled)
		fputs("held back by a CPU limit; ", cell->out);
	if (row->waker)
		task_text_task(cell->out, cell->event->file,
			       dz_reader_task(cell->event->file->reader, row->waker));
	else
		fputs(row->interrupt ? "interrupt" : "-", cell->out);
}

static void write_offcpu_state(const struct cell *cell)
{
	const char *state = event_field_word(DZ_KIND_OFFCPU, "state", value_of(cell));

	put_text(cell, state ? state : "?");
}

static void write_offcpu_waker(const struct cell *cell)
{
	const struct dz_offcpu *row = cell->event->event->row;

	if (row->waker)
		task_text_task(cell->out, cell->event->file,
			       dz_reader_task(cell->event->file->reader, row->waker));
	else if (row->open)
		fputs("still blocked at the end", cell->out);
	else
		fputs(row->interrupt ? "interrupt" : "-", cell->out);
}

static void write_holder(const struct cell *cell)
{
	const struct dz_task *task = dz_reader_task(cell->event->file->reader, value_of(cell));

	if (task && task->pid != 0)
		task_text_task(cell->out, cell->event->file, task);
	else
		fputs(task ? "idle" : "not known", cell->out);
}

/* 16: fits a comm, unless it is escaped. */
#define TASK_COLUMNS                                                                               \
	{"PID", 7, write_pid, 0},                                                                  \
	{                                                                                          \
		"COMM", -16, write_comm, 0                                                         \
	}

static const struct column exit_columns[] = {
	{"PID", 7, write_pid, 0},         {"PPID", 7, write_parent_pid, 0},
	{"COMM", -16, write_comm, 0},     {"ST", 2, write_state, 0},
	{"EXC", 3, write_exit_status, 0}, {"LIFETIME", 12, write_age, 0},
	{"CAUSE", 0, write_cause, 0},
};

static const struct column signal_columns[] = {
	{"SPID", 7, write_sender_pid, 0},
	{"SNAME", -16, write_sender_comm, 0},
	{"RPID", 7, write_pid, 0},
	{"RNAME", -16, write_comm, 0},
	{"SIGNUM", 6, write_number, offsetof(struct dz_signal, signal)},
	{"SIGNAME", -12, write_signal_name, offsetof(struct dz_signal, signal)},
	{"CODE", -13, write_signal_code, 0},
	{"RESULT", 0, write_result, 0},
};

static const struct column delivery_columns[] = {
	TASK_COLUMNS,
	{"SIGNUM", 6, write_number, offsetof(struct dz_delivery, signal)},
	{"SIGNAME", -12, write_signal_name, offsetof(struct dz_delivery, signal)},
	{"CODE", -13, write_delivery_code, 0},
	{"PENDING", 12, write_pending, 0},
	{"ACTION", 0, write_action, 0},
};

static const struct column oom_columns[] = {
	TASK_COLUMNS,
	{"ANONYMOUS", 11, write_bytes, offsetof(struct dz_oom, anon_rss)},
	{"FILE", 11, write_bytes, offsetof(struct dz_oom, file_rss)},
	{"SHARED", 11, write_bytes, offsetof(struct dz_oom, shmem_rss)},
	{"ADJUST", 6, write_integer, offsetof(struct dz_oom, score_adjustment)},
	{"WANTED BY", 0, write_wanted_by, 0},
};

static const struct column section_columns[] = {
	TASK_COLUMNS,
	{"DURATION", 10, write_section_duration, 0},
	{"THRESHOLD", 10, write_duration, offsetof(struct dz_section, threshold)},
	{"SOURCE", -8, write_source, offsetof(struct dz_section, source)},
	{"LABEL", 0, write_string, offsetof(struct dz_section, label)},
};

static const struct column runq_columns[] = {
	TASK_COLUMNS,
	{"TID", 7, write_tid, 0},
	{"CPU", 4, write_number, offsetof(struct dz_runq, cpu)},
	{"WAITED", 10, write_duration, offsetof(struct dz_runq, waited)},
	{"DELTA_US", 9, write_us, offsetof(struct dz_runq, waited)},
	{"PREV_PID", 8, write_previous_tid, offsetof(struct dz_runq, previous)},
	{"PREV_TASK", -16, write_previous_comm, offsetof(struct dz_runq, previous)},
	{"CAUSE", -9, write_runq_cause, offsetof(struct dz_runq, cause)},
	{"MOVES", 5, write_number, offsetof(struct dz_runq, moves)},
	{"WOKEN BY", 0, write_waker, 0},
};

static const struct column runq_holder_columns[] = {
	TASK_COLUMNS,
	{"TID", 7, write_tid, 0},
	{"CPU", 4, write_number, offsetof(struct dz_runq_holder, cpu)},
	{"HELD", 10, write_duration, offsetof(struct dz_runq_holder, held)},
	{"HOLDER", 0, write_holder, offsetof(struct dz_runq_holder, holder)},
};

static const struct column offcpu_columns[] = {
	TASK_COLUMNS,
	{"TID", 7, write_tid, 0},
	{"BLOCKED", 10, write_duration, offsetof(struct dz_offcpu, blocked)},
	{"TIMES", 6, write_number, offsetof(struct dz_offcpu, count)},
	{"STATE", -15, write_offcpu_state, offsetof(struct dz_offcpu, state)},
	{"WOKEN BY", 0, write_offcpu_waker, 0},
};

#define COLUMNS(array) array, COUNT(array)

static const struct table_kind {
	uint32_t kind;
	const char *title;
	const struct column *columns; /* after the time */
	size_t column_count;
	size_t kernel_stack; /* offsets in the row; 0 for none */
	size_t user_stack;
} table_kinds[] = {
	{DZ_KIND_EXIT, "exits", COLUMNS(exit_columns), offsetof(struct dz_exit, kernel_stack),
	 offsetof(struct dz_exit, user_stack)},
	{DZ_KIND_SIGNAL, "signals", COLUMNS(signal_columns),
	 offsetof(struct dz_signal, kernel_stack), offsetof(struct dz_signal, user_stack)},
	{DZ_KIND_DELIVERY, "deliveries of signals", COLUMNS(delivery_columns), 0,
	 offsetof(struct dz_delivery, user_stack)},
	{DZ_KIND_OOM, "out of memory", COLUMNS(oom_columns), 0, 0},
	{DZ_KIND_SECTION, "sections", COLUMNS(section_columns), 0, 0},
	{DZ_KIND_RUNQ, "waits for a CPU", COLUMNS(runq_columns), 0, 0},
	{DZ_KIND_RUNQ_HOLDER, "who ran instead", COLUMNS(runq_holder_columns), 0, 0},
	{DZ_KIND_OFFCPU, "blocked tasks", COLUMNS(offcpu_columns),
	 offsetof(struct dz_offcpu, kernel_stack), offsetof(struct dz_offcpu, user_stack)},
};

uint32_t tables_kind(size_t number)
{
	return number < COUNT(table_kinds) ? table_kinds[number].kind : 0;
}

static const struct table_kind *find_kind(uint32_t kind)
{
	const struct table_kind *found = table_kinds;

	while (found->kind != kind)
		found++;
	return found;
}

static void write_stack(const struct table *table, const struct visitor_event *event, size_t offset)
{
	uint64_t stack;

	if (offset == 0)
		return;
	memcpy(&stack, (const char *)event->event->row + offset, sizeof(stack));
	task_text_stack_lines(table->out, event->file, stack, STACK_INDENT);
}

static void write_stacks(const struct table *table, const struct visitor_event *event,
			 const struct table_kind *kind)
{
	write_stack(table, event, kind->kernel_stack);
	if (event->cause)
		task_text_stack_lines(table->out, event->cause->user.file, event->cause->user.stack,
				      STACK_INDENT);
	else
		write_stack(table, event, kind->user_stack);
}

static void write_head(const struct table *table, const struct table_kind *kind)
{
	fprintf(table->out, "\n%s\n%-*s", kind->title, table->dates ? 26 : 15, "TIME");
	for (size_t i = 0; i < kind->column_count; i++)
		fprintf(table->out, "  %*s", kind->columns[i].width, kind->columns[i].head);
	fputc('\n', table->out);
}

static void write_row(const struct table *table, const struct table_kind *kind,
		      const struct visitor_event *event)
{
	if (table->dates)
		fprintf(table->out, "%.10s ", timestamp_date(event->unix_ns, table->utc).text);
	fprintf(table->out, "%-15s", timestamp_time(event->unix_ns, table->utc).text);
	for (size_t i = 0; i < kind->column_count; i++) {
		const struct cell cell = {&kind->columns[i], event, table->out};

		fputs("  ", table->out);
		cell.column->write(&cell);
	}
	fputc('\n', table->out);
}

bool tables_is_child_signal(const struct visitor_event *event)
{
	const struct dz_signal *row = event->event->row;

	if (event->event->kind == DZ_KIND_DELIVERY)
		return event->taken_number == SIGCHLD;
	return event->event->kind == DZ_KIND_SIGNAL && row->signal == SIGCHLD;
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct table *table = context;
	const struct table_kind *kind = find_kind(table->kind);

	if (table->no_child_signals && tables_is_child_signal(event)) {
		table->left_out++;
		return true;
	}
	if (!table->headed)
		write_head(table, kind);
	table->headed = true;
	write_row(table, kind, event);
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

void table_end(const struct table *table)
{
	if (table->left_out == 0)
		return;
	if (!table->headed)
		fputc('\n', table->out);
	fprintf(table->out, "%s of SIGCHLD left out: --signals CHLD\n",
		quantity_exact(table->left_out).text);
}

const char *tables_title(uint32_t kind)
{
	return find_kind(kind)->title;
}

size_t tables_column_count(uint32_t kind)
{
	return find_kind(kind)->column_count;
}

struct table_column tables_column(uint32_t kind, size_t column)
{
	static void (*const varying[])(const struct cell *cell) = {
		write_pid,     write_parent_pid,       write_sender_pid, write_age,
		write_pending, write_section_duration, write_bytes,
	};
	const struct column *found = &find_kind(kind)->columns[column];
	struct table_column result = {.head = found->head, .is_number = found->width > 0};

	for (size_t i = 0; i < COUNT(varying); i++)
		result.varies = result.varies || found->write == varying[i];
	return result;
}

void tables_write_cell(uint32_t kind, size_t column, const struct visitor_event *event, FILE *out)
{
	const struct cell cell = {&find_kind(kind)->columns[column], event, out};

	cell.column->write(&cell);
}
