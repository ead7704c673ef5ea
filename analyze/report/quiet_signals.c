/* analyze/report/quiet_signals.c - signals that killed no process, by kind */
#include "analyze/report/quiet_signals.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "abi/signal.h"
#include "analyze/cause/task_text.h"
#include "analyze/report/answer_table.h"
#include "analyze/report/name_range.h"
#include "analyze/trace/event_field.h"
#include "base/buffer.h"
#include "text/quantity.h"
#include "text/text_stream.h"
#include <dz/enums.h>

/* Kinds that are kept; others are counted. */
#define KINDS_MAX 4096u

/* Below this width the last columns are left out. */
#define WIDTH_OF_ALL 100u

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum result {
	RESULT_HANDLED,
	RESULT_IGNORED,
	RESULT_WAITING,
	RESULT_LOST,
	RESULT_STOPPED,
	RESULT_CONTINUED,
};

static const char *const result_words[] = {"handled", "ignored", "waiting",
					   "lost",    "stopped", "continued"};

/* One end of a signal. */
struct end {
	struct trace_text name; /* of the process, or the source of the signal */
	uint64_t pid;           /* 0: not a process */
};

/* Names and pids of one end, over all signals of a kind. */
struct ends {
	struct name_range names;
	uint64_t pid; /* of the first; 0: not a process */
	bool is_several;
};

struct quiet {
	uint32_t signal;
	enum result result;
	struct ends from;
	struct ends to;
	uint64_t count;
	uint64_t first_ns; /* Unix */
	uint64_t until_ns;
	uint64_t taken_ns; /* CLOCK_BOOTTIME of the last signal that was taken off this kind */
};

struct quiet_signals {
	bool child_signals;
	struct answer_table *table;
	struct buffer key;
	uint64_t left_out; /* SIGCHLD */
	uint64_t outside;  /* of kinds that are not kept */
};

/* A signal in its kind. */
struct one {
	const struct dz_signal *row;
	struct end from;
	struct end to;
	enum result result;
	uint64_t unix_ns;
};

static void release_ends(struct ends *ends)
{
	name_range_release(&ends->names);
}

static void release(void *item)
{
	struct quiet *quiet = item;

	release_ends(&quiet->from);
	release_ends(&quiet->to);
	free(quiet);
}

struct quiet_signals *quiet_signals_new(bool child_signals)
{
	struct quiet_signals *signals = calloc(1, sizeof(*signals));

	if (!signals)
		return NULL;
	signals->child_signals = child_signals;
	signals->table = answer_table_new(KINDS_MAX, release);
	if (signals->table)
		return signals;
	free(signals);
	return NULL;
}

static struct end end_of(const struct trace_file *file, const struct dz_task *task)
{
	if (!task)
		return (struct end){{"?", 1}, 0};
	return (struct end){trace_text(file, trace_process_comm(task)), task->pid};
}

static struct end word(const char *text)
{
	return (struct end){{text, strlen(text)}, 0};
}

static struct one one_of(const struct trace_file *file, const struct dz_signal *row,
			 enum result result)
{
	const struct dz_task *sender = dz_reader_task(file->reader, row->task);
	const struct dz_task *receiver = dz_reader_task(file->reader, row->receiver);
	const char *source = event_field_word(DZ_KIND_SIGNAL, "source", row->source);
	struct one one = {
		.row = row,
		.to = end_of(file, receiver),
		.result = result,
		.unix_ns = dz_reader_realtime_ns(file->reader, row->time),
	};

	if (row->source != DZ_SIGNAL_SOURCE_PROCESS)
		one.from = word(source ? source : "kernel");
	else if (cause_is_same_process(sender, receiver))
		one.from = word("itself");
	else
		one.from = end_of(file, sender);
	return one;
}

static bool make_key(struct quiet_signals *signals, const struct one *one)
{
	struct buffer *key = &signals->key;

	buffer_clear(key);
	buffer_put_varint(key, one->row->signal);
	buffer_put_u8(key, (uint8_t)one->result);
	buffer_put_u8(key, one->from.pid != 0);
	name_range_fold(key, one->from.name);
	buffer_put_u8(key, 0);
	name_range_fold(key, one->to.name);
	return !key->failed;
}

static bool start_ends(struct ends *ends, const struct end *end)
{
	ends->pid = end->pid;
	return name_range_start(&ends->names, end->name);
}

static void add_end(struct ends *ends, const struct end *end)
{
	ends->is_several |= ends->pid != end->pid;
	name_range_add(&ends->names, end->name);
}

static bool start(struct answer_entry *entry, const struct one *one)
{
	struct quiet *quiet = calloc(1, sizeof(*quiet));

	if (!quiet)
		return false;
	entry->item = quiet;
	quiet->signal = (uint32_t)one->row->signal;
	quiet->result = one->result;
	quiet->count = 1;
	quiet->first_ns = one->unix_ns;
	quiet->until_ns = one->unix_ns;
	return start_ends(&quiet->from, &one->from) && start_ends(&quiet->to, &one->to);
}

static bool add(struct quiet_signals *signals, const struct one *one)
{
	const struct answer_rank rank = {.class = one->from.pid == 0, .first_ns = one->unix_ns};
	struct answer_entry *entry;
	struct quiet *quiet;

	if (!make_key(signals, one))
		return false;
	switch (answer_table_add(signals->table,
				 (struct answer_key){signals->key.data, signals->key.size}, rank,
				 &entry)) {
	case ANSWER_NO_MEMORY:
		return false;
	case ANSWER_OUTSIDE:
		signals->outside++;
		return true;
	case ANSWER_NEW:
		return start(entry, one);
	case ANSWER_COUNTED:
		break;
	}
	quiet = entry->item;
	quiet->count++;
	quiet->until_ns = one->unix_ns;
	add_end(&quiet->from, &one->from);
	add_end(&quiet->to, &one->to);
	return true;
}

/* A signal that was taken does not wait any more. All threads of a process that is killed take the
 * same signal. */
static bool take_off(struct quiet_signals *signals, struct one *one)
{
	struct answer_entry *entry;
	struct quiet *quiet;

	one->result = RESULT_WAITING;
	if (!make_key(signals, one))
		return false;
	entry = answer_table_find(signals->table,
				  (struct answer_key){signals->key.data, signals->key.size});
	if (!entry)
		return true;
	quiet = entry->item;
	if (quiet->count > 0 && quiet->taken_ns != one->row->time)
		quiet->count--;
	quiet->taken_ns = one->row->time;
	return true;
}

static bool is_left_out(struct quiet_signals *signals, uint64_t number)
{
	return number == SIGCHLD && !signals->child_signals;
}

static bool visit_signal(struct quiet_signals *signals, const struct visitor_event *event)
{
	static const enum result results[] = {
		[DZ_SIGNAL_RESULT_DELIVERED] = RESULT_WAITING,
		[DZ_SIGNAL_RESULT_IGNORED] = RESULT_IGNORED,
		[DZ_SIGNAL_RESULT_PENDING] = RESULT_WAITING,
		[DZ_SIGNAL_RESULT_OVERFLOW] = RESULT_LOST,
		[DZ_SIGNAL_RESULT_LOST_INFO] = RESULT_WAITING,
	};
	const struct dz_signal *row = event->event->row;
	struct one one;

	if (!row || row->result >= COUNT(results))
		return true;
	if (is_left_out(signals, row->signal)) {
		signals->left_out++;
		return true;
	}
	one = one_of(event->file, row, results[row->result]);
	return add(signals, &one);
}

/* Returns whether a signal has a result other than the end of the process. */
static bool find_result(const struct dz_delivery *row, enum result *ret_result)
{
	bool stops = row->signal == SIGSTOP || row->signal == SIGTSTP || row->signal == SIGTTIN ||
		     row->signal == SIGTTOU;

	if (row->handled)
		*ret_result = RESULT_HANDLED;
	else if (stops)
		*ret_result = RESULT_STOPPED;
	else if (row->signal == SIGCONT)
		*ret_result = RESULT_CONTINUED;
	else if (row->signal == SIGCHLD || row->signal == SIGURG || row->signal == SIGWINCH)
		*ret_result = RESULT_IGNORED;
	else
		return false;
	return true;
}

static bool visit_delivery(struct quiet_signals *signals, const struct visitor_event *event)
{
	const struct dz_delivery *row = event->event->row;
	enum result result;
	struct one one;

	if (!row || !event->taken || !event->taken->file ||
	    is_left_out(signals, event->taken->row.signal))
		return true;
	one = one_of(event->taken->file, &event->taken->row, RESULT_WAITING);
	if (!take_off(signals, &one))
		return false;
	if (!find_result(row, &result))
		return true;
	one.result = result;
	return add(signals, &one);
}

static bool visit(void *context, const struct visitor_event *event)
{
	if (event->event->kind == DZ_KIND_SIGNAL)
		return visit_signal(context, event);
	return visit_delivery(context, event);
}

struct visitor quiet_signals_visitor(struct quiet_signals *signals)
{
	return (struct visitor){
		.context = signals,
		.kinds = VISITOR_KIND(DZ_KIND_SIGNAL) | VISITOR_KIND(DZ_KIND_DELIVERY),
		.visit = visit,
	};
}

struct sums {
	uint64_t count;
	size_t kinds;
};

static struct sums sum_up(const struct quiet_signals *signals)
{
	struct sums sums = {.count = signals->outside};
	const struct answer_entry *entry;

	for (size_t i = 0; (entry = answer_table_at(signals->table, i)); i++) {
		const struct quiet *quiet = entry->item;

		sums.count += quiet->count;
		sums.kinds += quiet->count > 0;
	}
	return sums;
}

bool quiet_signals_write_line(const struct quiet_signals *signals, FILE *out)
{
	struct sums sums = sum_up(signals);

	if (sums.count == 0)
		return false;
	fprintf(out, "signals that killed no process: %s of ", quantity_exact(sums.count).text);
	task_text_count(out, sums.kinds, "kind");
	fputs(" (-e signal)", out);
	return true;
}

/* Returns the text of an end; NULL on allocation failure. */
static char *end_text(const struct ends *ends)
{
	struct text_stream stream;

	if (text_stream_open(&stream)) {
		name_range_write(&ends->names, stream.out);
		if (ends->pid != 0 && !ends->is_several)
			fprintf(stream.out, "[%" PRIu64 "]", ends->pid);
	}
	return text_stream_close(&stream);
}

static void write_padded(const char *text, size_t width, FILE *out)
{
	size_t columns = layout_columns(text);

	fprintf(out, "%s%*s", text, (int)(columns < width ? width - columns : 0), "");
}

#define NAME_COLUMN   24u
#define RESULT_COLUMN 9u

static bool write_row(const struct quiet *quiet, const struct quiet_signals_style *style, FILE *out)
{
	char *from = end_text(&quiet->from);
	char *to = end_text(&quiet->to);
	bool ok = from && to;

	if (ok) {
		fprintf(out, "%7s  %-11s  ", quantity_exact(quiet->count).text,
			signal_name(quiet->signal).text);
		write_padded(from, NAME_COLUMN, out);
		fputs("  ", out);
		write_padded(to, NAME_COLUMN, out);
		fprintf(out, "  %s", result_words[quiet->result]);
		if (style->layout->width >= WIDTH_OF_ALL) {
			fprintf(out, "%*s  %s",
				(int)(RESULT_COLUMN - strlen(result_words[quiet->result])), "",
				timestamp_clock(quiet->first_ns, style->utc).text);
			if (quiet->count > 1)
				fprintf(out, "  %s",
					timestamp_clock(quiet->until_ns, style->utc).text);
		}
		fputc('\n', out);
	}
	free(from);
	free(to);
	return ok;
}

static void write_head(const struct quiet_signals *signals, const struct sums *sums,
		       const struct quiet_signals_style *style, FILE *out)
{
	fprintf(out, "SIGNALS THAT KILLED NO PROCESS   %s of ", quantity_exact(sums->count).text);
	task_text_count(out, sums->kinds, "kind");
	if (signals->left_out > 0)
		fprintf(out, "; SIGCHLD (%s) left out: --signals CHLD",
			quantity_exact(signals->left_out).text);
	if (sums->kinds == 0) {
		fputc('\n', out);
		return;
	}
	fprintf(out, "\n%7s  %-11s  %-24s  %-24s  RESULT", "COUNT", "SIGNAL", "FROM", "TO");
	if (style->layout->width >= WIDTH_OF_ALL)
		fputs("     FIRST         UNTIL", out);
	fputc('\n', out);
}

bool quiet_signals_write(const struct quiet_signals *signals,
			 const struct quiet_signals_style *style, FILE *out)
{
	const struct sums sums = sum_up(signals);
	const struct answer_entry *entry;
	uint64_t written = 0;
	size_t rows = 0;

	write_head(signals, &sums, style, out);
	for (size_t i = 0; (entry = answer_table_at(signals->table, i)); i++) {
		const struct quiet *quiet = entry->item;

		if (quiet->count == 0 || (style->top != 0 && rows == style->top))
			continue;
		if (!write_row(quiet, style, out))
			return false;
		written += quiet->count;
		rows++;
	}
	if (written < sums.count)
		fprintf(out, "%7s  more%s\n", quantity_exact(sums.count - written).text,
			style->top != 0 ? " (--top 0 shows them)" : "");
	return true;
}

void quiet_signals_free(struct quiet_signals *signals)
{
	if (!signals)
		return;
	answer_table_free(signals->table);
	buffer_release(&signals->key);
	free(signals);
}
