/* analyze/follow/journal_records.c - deaths as records of the journal of systemd, with a rate limit
 */
#include "analyze/follow/journal_records.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/task_text.h"
#include "analyze/trace/timestamp.h"
#include "text/quantity.h"
#include "text/text_stream.h"
#include <dz/enums.h>

#define NS_PER_S     1000000000u
#define UNKNOWN_ID   UINT32_MAX
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Numbers of syslog(3). */
enum priority { PRIORITY_ERROR = 3, PRIORITY_WARNING = 4, PRIORITY_NOTICE = 5 };

/* The most serious first. */
static const struct class
{
	const char *word;
	enum priority priority;
	unsigned int records_max; /* a second, of this class and those before it */
} classes[] = {
	[CAUSE_CLASS_OOM] = {"out of memory", PRIORITY_ERROR, JOURNAL_RECORDS_MAX},
	[CAUSE_CLASS_CRASHED] = {"crashed", PRIORITY_ERROR, JOURNAL_RECORDS_MAX * 4 / 5},
	[CAUSE_CLASS_KILLED] = {"killed", PRIORITY_WARNING, JOURNAL_RECORDS_MAX * 3 / 5},
	[CAUSE_CLASS_FAILED] = {"failed", PRIORITY_NOTICE, JOURNAL_RECORDS_MAX * 2 / 5},
};

/* What is not in the journal. */
struct missing {
	uint64_t left_out[COUNT(classes)]; /* because of the rate limit */
	uint64_t not_taken;                /* by the journal, in time */
	uint64_t gaps;                     /* files that were not read to their end */
	uint64_t lost;                     /* exits, by the recorder */
};

struct journal_records {
	struct journal_records_options options;
	uint64_t second; /* since 1970 */
	unsigned int sent;
	struct missing missing;
};

struct journal_records *journal_records_new(const struct journal_records_options *options)
{
	struct journal_records *records = calloc(1, sizeof(*records));

	if (records)
		records->options = *options;
	return records;
}

static void end_field(FILE *out)
{
	(void)fputc('\0', out);
}

static void put_text(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=%s", name, value);
	end_field(out);
}

static void put_number(FILE *out, const char *name, uint64_t value)
{
	fprintf(out, "%s=%" PRIu64, name, value);
	end_field(out);
}

static void put_trace_text(FILE *out, const char *name, struct trace_text value)
{
	fprintf(out, "%s=", name);
	task_text_text(out, value);
	end_field(out);
}

static void put_start(FILE *out, const char *id, enum priority priority)
{
	put_text(out, "MESSAGE_ID", id);
	put_number(out, "PRIORITY", priority);
	put_text(out, "SYSLOG_IDENTIFIER", "diag-record");
}

static bool ends_with(const char *text, size_t size, const char *suffix)
{
	const size_t length = strlen(suffix);

	return size > length && memcmp(text + size - length, suffix, length) == 0;
}

/* Units that have processes. */
static bool is_unit(const char *name, size_t size)
{
	static const char *const suffixes[] = {".service", ".scope", ".socket", ".mount", ".swap"};
	bool is_one = false;

	for (size_t i = 0; i < COUNT(suffixes); i++)
		is_one |= ends_with(name, size, suffixes[i]);
	for (size_t i = 0; i < size; i++)
		is_one &= isalnum((unsigned char)name[i]) || strchr(":-_.\\@", name[i]) != NULL;
	return is_one;
}

/* The unit of the system manager: the first part of the path that is no slice. */
static void put_unit(FILE *out, struct trace_text cgroup)
{
	const char *at = cgroup.bytes;
	size_t left = cgroup.size;

	while (left > 0) {
		const char *slash = memchr(at, '/', left);
		const size_t size = slash ? (size_t)(slash - at) : left;

		if (size > 0 && !ends_with(at, size, ".slice")) {
			if (!is_unit(at, size))
				return;
			fprintf(out, "OBJECT_SYSTEMD_UNIT=%.*s", (int)size, at);
			end_field(out);
			return;
		}
		at += size + (slash != NULL);
		left -= size + (slash != NULL);
	}
}

static void put_sender(FILE *out, const struct cause *cause)
{
	const struct dz_task *sender = cause_sender(cause);

	if (!sender)
		return;
	put_number(out, "DIAG_SENDER_PID", sender->pid);
	put_trace_text(out, "DIAG_SENDER_COMM",
		       trace_text(cause->generated.file, trace_process_comm(sender)));
	if (sender->uid != UNKNOWN_ID)
		put_number(out, "DIAG_SENDER_UID", sender->uid);
}

static void put_task(FILE *out, const struct visitor_event *event)
{
	const struct dz_task *task = event->task;

	if (!task)
		return;
	put_trace_text(out, "DIAG_COMM", trace_text(event->file, trace_process_comm(task)));
	put_number(out, "OBJECT_PID", task->pid);
	if (task->uid != UNKNOWN_ID)
		put_number(out, "DIAG_UID", task->uid);
	if (task->cgroup) {
		put_trace_text(out, "DIAG_CGROUP", trace_text(event->file, task->cgroup));
		put_unit(out, trace_text(event->file, task->cgroup));
	}
}

static void write_message(FILE *out, const struct visitor_event *event)
{
	fputs("MESSAGE=", out);
	task_text_task(out, event->file, event->task);
	fputs(": ", out);
	cause_text_write(out, event->cause);
	end_field(out);
}

static void write_death(FILE *out, const struct visitor_event *event, const struct class *class)
{
	const struct cause *cause = event->cause;

	write_message(out, event);
	put_start(out, JOURNAL_ID_DEATH, class->priority);
	put_text(out, "DIAG_CLASS", cause_class_word(cause_class(cause)));
	put_text(out, "DIAG_CAUSE", cause_kind_name(cause->kind));
	put_text(out, "DIAG_TIME", timestamp_exact(event->unix_ns).text);
	if (cause->signal)
		put_text(out, "DIAG_SIGNAL", signal_name(cause->signal).text);
	else
		put_number(out, "DIAG_EXIT_CODE", cause->exit_code);
	put_sender(out, cause);
	put_task(out, event);
}

/* Sends what was written, and closes the stream. *ret_sent: the journal took it. */
static bool send_stream(const struct journal_records *records, struct text_stream *stream,
			bool *ret_sent)
{
	char *text = text_stream_close(stream);

	if (!text)
		return false;
	*ret_sent = records->options.send(records->options.context, text, stream->size);
	free(text);
	return true;
}

static bool send_death(struct journal_records *records, const struct visitor_event *event,
		       const struct class *class)
{
	struct text_stream stream;
	bool sent = false;

	if (!text_stream_open(&stream))
		return false;
	write_death(stream.out, event, class);
	if (!send_stream(records, &stream, &sent))
		return false;
	records->sent++;
	records->missing.not_taken += !sent;
	return true;
}

static uint64_t sum_left_out(const struct missing *missing)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < COUNT(classes); i++)
		sum += missing->left_out[i];
	return sum;
}

static bool is_complete(const struct missing *missing)
{
	return sum_left_out(missing) == 0 && missing->not_taken == 0 && missing->gaps == 0 &&
	       missing->lost == 0;
}

/* "not in the journal: 10 killed, 2 failed (more than 50 a second), 3 not taken in time" */
static void write_missing(FILE *out, const struct missing *missing)
{
	const struct {
		uint64_t count;
		const char *words;
	} others[] = {
		{missing->not_taken, "not taken in time"},
		{missing->gaps, "times a part of the recording that was not read in time"},
		{missing->lost, "exits that the recorder lost"},
	};
	const char *separator = ": ";

	fputs("deaths that are not in the journal", out);
	for (size_t i = 0; i < COUNT(classes); i++) {
		if (!missing->left_out[i])
			continue;
		fprintf(out, "%s%s %s", separator, quantity_exact(missing->left_out[i]).text,
			classes[i].word);
		separator = ", ";
	}
	if (sum_left_out(missing))
		fputs(" (too many in a second)", out);
	for (size_t i = 0; i < COUNT(others); i++) {
		if (!others[i].count)
			continue;
		fprintf(out, "%s%s %s", separator, quantity_exact(others[i].count).text,
			others[i].words);
		separator = ", ";
	}
}

static void write_missing_record(FILE *out, const struct missing *missing)
{
	fputs("MESSAGE=", out);
	write_missing(out, missing);
	end_field(out);
	put_start(out, JOURNAL_ID_MISSING, PRIORITY_WARNING);
	put_number(out, "DIAG_LEFT_OUT", sum_left_out(missing));
	put_number(out, "DIAG_NOT_TAKEN", missing->not_taken);
	put_number(out, "DIAG_GAPS", missing->gaps);
	put_number(out, "DIAG_LOST", missing->lost);
}

/* Counts stay until the journal has taken them. */
static void end_second(struct journal_records *records)
{
	struct text_stream stream;
	bool sent = false;

	records->sent = 0;
	if (is_complete(&records->missing) || !text_stream_open(&stream))
		return;
	write_missing_record(stream.out, &records->missing);
	if (send_stream(records, &stream, &sent) && sent)
		records->missing = (struct missing){0};
}

/* An event that comes late belongs to the current second. */
static void begin_second(struct journal_records *records, uint64_t second)
{
	if (second <= records->second)
		return;
	end_second(records);
	records->second = second;
}

static bool visit_exit(struct journal_records *records, const struct visitor_event *event)
{
	const struct dz_exit *row = event->event->row;
	const enum cause_class class = cause_class(event->cause);

	if (row->thread || class > CAUSE_CLASS_FAILED ||
	    (class == CAUSE_CLASS_FAILED && !records->options.failed))
		return true;
	if (records->sent < classes[class].records_max)
		return send_death(records, event, &classes[class]);
	records->missing.left_out[class]++;
	return true;
}

static bool visit(void *context, const struct visitor_event *event)
{
	struct journal_records *records = context;
	const struct dz_lost *lost = event->event->row;
	struct trace_text kind;

	if (!event->event->row)
		return true;
	begin_second(records, event->unix_ns / NS_PER_S);
	if (event->event->kind == DZ_KIND_EXIT)
		return visit_exit(records, event);
	kind = trace_text(event->file, lost->kind);
	if (kind.size == strlen("exit") && memcmp(kind.bytes, "exit", kind.size) == 0)
		records->missing.lost += lost->count;
	return true;
}

/* The cause of an end needs the other kinds, too, which the replay sees in any case. */
struct visitor journal_records_visitor(struct journal_records *records)
{
	return (struct visitor){
		.context = records,
		.kinds = VISITOR_KIND(DZ_KIND_EXIT) | VISITOR_KIND(DZ_KIND_LOST),
		.visit = visit,
	};
}

void journal_records_advance(struct journal_records *records, uint64_t unix_ns)
{
	if (unix_ns != UINT64_MAX)
		begin_second(records, unix_ns / NS_PER_S);
	else
		end_second(records);
}

void journal_records_note_gap(struct journal_records *records)
{
	records->missing.gaps++;
}

void journal_records_write_rest(const struct journal_records *records, const char *program,
				FILE *out)
{
	struct text_stream stream;
	char *text;

	if (is_complete(&records->missing) || !text_stream_open(&stream))
		return;
	write_missing(stream.out, &records->missing);
	text = text_stream_close(&stream);
	if (text)
		fprintf(out, "%s: %s\n", program, text);
	free(text);
}

void journal_records_free(struct journal_records *records)
{
	free(records);
}
