/* analyze/follow/live_lines.c - ends and signals as lines, at most 50 a second */
#include "analyze/follow/live_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/task_text.h"
#include "analyze/trace/event_field.h"
#include "text/quantity.h"
#include <dz/enums.h>

#define SLICE_NS        100000000u
#define SLICES          10u /* of a second */
#define LINES_OF_SLICE  (LIVE_LINES_MAX / SLICES)
#define NS_PER_S        1000000000u
#define SIGNAL_OF_CHILD 17u

/* What is counted apart, the most serious first: the classes of causes, and signals. */
enum {
	LINES_SIGNALS = CAUSE_CLASS_CLEAN,
	LINES_CLEAN,
	LINES_CLASSES,
};

static const char *const class_words[LINES_CLASSES] = {"out of memory", "crashed", "killed",
						       "failed",        "signals", "clean"};

struct line {
	size_t class;
	char *text; /* owned */
};

struct live_lines {
	struct live_lines_options options;
	uint64_t slice;                    /* number since 1970 */
	struct line lines[LIVE_LINES_MAX]; /* the worst of the slice, in order of time */
	size_t count;
	size_t printed;               /* in this second */
	uint64_t more[LINES_CLASSES]; /* not printed in this second */
};

struct live_lines *live_lines_new(const struct live_lines_options *options)
{
	struct live_lines *lines = calloc(1, sizeof(*lines));

	if (lines)
		lines->options = *options;
	return lines;
}

void live_lines_begin(struct live_lines *lines)
{
	fprintf(lines->options.out, "%-15s  %-15s %8s %8s %9s  %-14s  %s\n", "TIME", "PCOMM", "PID",
		"PPID", "AGE(s)", "EXIT_CODE", "CAUSE");
}

static void write_end_status(FILE *out, const struct dz_exit *row)
{
	char text[64];

	if (row->signal)
		(void)snprintf(text, sizeof(text), "signal %" PRIu64 " %s", row->signal,
			       signal_name((uint32_t)row->signal).text + strlen("SIG"));
	else if (row->exit_code)
		(void)snprintf(text, sizeof(text), "code %" PRIu64, row->exit_code);
	else
		(void)snprintf(text, sizeof(text), "0");
	fprintf(out, "%-14s  ", text);
}

static void write_start(FILE *out, const struct visitor_event *event, bool utc)
{
	const struct dz_task *task = event->task;

	fprintf(out, "%s  ", timestamp_time(event->unix_ns, utc).text);
	task_text_column(out, trace_text(event->file, task ? trace_process_comm(task) : 0), 15);
	fprintf(out, " %8" PRIu64 " ", task ? task->pid : 0);
}

static void write_exit(FILE *out, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;
	const struct dz_task *task = event->task;
	const struct dz_task *parent =
		task ? dz_reader_task(event->file->reader, task->parent) : NULL;
	const uint64_t start = task ? trace_program_start(event->file, task) : 0;

	if (parent)
		fprintf(out, "%8" PRIu64 " ", parent->pid);
	else
		fprintf(out, "%8s ", "-");
	if (start != 0 && start <= row->time)
		fprintf(out, "%9.2f  ", (double)(row->time - start) / NS_PER_S);
	else
		fprintf(out, "%9s  ", "-");
	write_end_status(out, row);
	cause_text_write(out, event->cause);
}

/* "SIGHUP from bash[16672], " */
static void write_signal(FILE *out, const struct trace_file *file, const struct dz_signal *row)
{
	const char *source = event_field_word(DZ_KIND_SIGNAL, "source", row->source);
	const struct dz_task *sender = dz_reader_task(file->reader, row->task);
	const struct dz_task *receiver = dz_reader_task(file->reader, row->receiver);

	fprintf(out, "%8s %9s  %-14s  %s", "-", "-", "-", signal_name((uint32_t)row->signal).text);
	if (row->source != DZ_SIGNAL_SOURCE_PROCESS) {
		fprintf(out, " by %s", source ? source : "?");
	} else if (cause_is_same_process(sender, receiver)) {
		fputs(" from itself", out);
	} else {
		fputs(" from ", out);
		task_text_task(out, file, sender);
	}
}

static void write_generated(FILE *out, const struct visitor_event *event)
{
	const struct dz_signal *row = event->event->row;
	const char *result = event_field_word(DZ_KIND_SIGNAL, "result", row->result);

	write_signal(out, event->file, row);
	fprintf(out, ", %s", result ? result : "?");
}

static void write_handled(FILE *out, const struct visitor_event *event)
{
	const struct dz_delivery *row = event->event->row;

	if (event->taken->file)
		write_signal(out, event->taken->file, &event->taken->row);
	else
		fprintf(out, "%8s %9s  %-14s  %s", "-", "-", "-",
			signal_name((uint32_t)row->signal).text);
	fputs(", handled", out);
}

static size_t class_of(const struct cause *cause)
{
	const enum cause_class class = cause_class(cause);

	return class == CAUSE_CLASS_CLEAN ? LINES_CLEAN : class;
}

typedef void line_writer(FILE *out, const struct visitor_event *event);

static line_writer *writer_of_exit(const struct live_lines *lines,
				   const struct visitor_event *event, size_t *ret_class)
{
	const struct dz_exit *row = event->event->row;

	*ret_class = class_of(event->cause);
	if (!lines->options.all && (row->thread || *ret_class == LINES_CLEAN))
		return NULL;
	return write_exit;
}

/* A signal that is handled is reported when it is taken, one that is not delivered when it is
 * generated, and one that ends a process with that end. */
static line_writer *writer_of(const struct live_lines *lines, const struct visitor_event *event,
			      size_t *ret_class)
{
	const struct dz_signal *signal = event->event->row;
	const struct dz_delivery *delivery = event->event->row;

	*ret_class = LINES_SIGNALS;
	switch (event->event->kind) {
	case DZ_KIND_EXIT:
		return writer_of_exit(lines, event, ret_class);
	case DZ_KIND_SIGNAL:
		if (signal->result == DZ_SIGNAL_RESULT_DELIVERED ||
		    (signal->signal == SIGNAL_OF_CHILD && !lines->options.all))
			return NULL;
		return write_generated;
	case DZ_KIND_DELIVERY:
		if (!delivery->handled ||
		    (delivery->signal == SIGNAL_OF_CHILD && !lines->options.all))
			return NULL;
		return write_handled;
	default:
		return NULL;
	}
}

/* Prints the lines of the slice. They are within the share of the second up to here. */
static void end_slice(struct live_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		fputs(lines->lines[i].text, lines->options.out);
		fputc('\n', lines->options.out);
		free(lines->lines[i].text);
	}
	lines->printed += lines->count;
	lines->count = 0;
}

static void end_second(struct live_lines *lines)
{
	FILE *out = lines->options.out;
	const char *separator = ": ";
	uint64_t sum = 0;

	for (size_t i = 0; i < LINES_CLASSES; i++)
		sum += lines->more[i];
	if (sum) {
		fprintf(out, "-- %s more in this second", quantity_exact(sum).text);
		for (size_t i = 0; i < LINES_CLASSES; i++) {
			if (!lines->more[i])
				continue;
			fprintf(out, "%s%s %s", separator, quantity_exact(lines->more[i]).text,
				class_words[i]);
			separator = ", ";
		}
		fputs(" --\n", out);
	}
	memset(lines->more, 0, sizeof(lines->more));
	lines->printed = 0;
}

/* Ends the slices before this one. An event that comes late belongs to the current slice. */
static void begin_slice(struct live_lines *lines, uint64_t slice)
{
	if (slice <= lines->slice)
		return;
	end_slice(lines);
	if (slice / SLICES != lines->slice / SLICES)
		end_second(lines);
	lines->slice = slice;
}

/* How many lines the current slice can have: what its second has not used up to here. */
static size_t share(const struct live_lines *lines)
{
	return (size_t)(lines->slice % SLICES + 1) * LINES_OF_SLICE - lines->printed;
}

/* Makes room for a line of this class. Returns false if all lines of the slice are as bad. */
static bool make_room(struct live_lines *lines, size_t class)
{
	size_t mildest = 0;

	if (lines->count < share(lines))
		return true;
	for (size_t i = 0; i < lines->count; i++) {
		if (lines->lines[i].class >= lines->lines[mildest].class)
			mildest = i;
	}
	if (lines->count == 0 || lines->lines[mildest].class <= class)
		return false;
	lines->more[lines->lines[mildest].class]++;
	free(lines->lines[mildest].text);
	lines->count--;
	memmove(&lines->lines[mildest], &lines->lines[mildest + 1],
		(lines->count - mildest) * sizeof(lines->lines[0]));
	return true;
}

static bool add_line(struct live_lines *lines, const struct visitor_event *event, size_t class,
		     line_writer *write)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return false;
	write_start(out, event, lines->options.utc);
	write(out, event);
	if (fclose(out) != 0) {
		free(text);
		return false;
	}
	lines->lines[lines->count++] = (struct line){class, text};
	return true;
}

static void write_lost(struct live_lines *lines, const struct visitor_event *event)
{
	const struct dz_lost *row = event->event->row;
	FILE *out = lines->options.out;

	fputs("! lost: ", out);
	task_text_count(out, row->count, "event");
	fputs(" of kind ", out);
	task_text_text(out, trace_text(event->file, row->kind));
	fputs(", ", out);
	task_text_text(out, trace_text(event->file, row->reason));
	fputc('\n', out);
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct live_lines *lines = context;
	size_t class;
	line_writer *write;

	if (!event->event->row)
		return true;
	begin_slice(lines, event->unix_ns / SLICE_NS);
	if (event->event->kind == DZ_KIND_LOST) {
		write_lost(lines, event);
		return !ferror(lines->options.out);
	}
	write = writer_of(lines, event, &class);
	if (!write)
		return true;
	if (!make_room(lines, class))
		lines->more[class]++;
	else if (!add_line(lines, event, class, write))
		return false;
	return !ferror(lines->options.out);
}

struct visitor live_lines_visitor(struct live_lines *lines)
{
	return (struct visitor){
		.context = lines,
		.kinds = VISITOR_KIND(DZ_KIND_EXIT) | VISITOR_KIND(DZ_KIND_SIGNAL) |
			 VISITOR_KIND(DZ_KIND_DELIVERY) | VISITOR_KIND(DZ_KIND_LOST),
		.visit = visit,
	};
}

void live_lines_advance(struct live_lines *lines, uint64_t unix_ns)
{
	if (unix_ns != UINT64_MAX) {
		begin_slice(lines, unix_ns / SLICE_NS);
		return;
	}
	end_slice(lines);
	end_second(lines);
}

void live_lines_free(struct live_lines *lines)
{
	if (!lines)
		return;
	for (size_t i = 0; i < lines->count; i++)
		free(lines->lines[i].text);
	free(lines);
}
