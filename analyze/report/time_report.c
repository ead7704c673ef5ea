/* analyze/report/time_report.c - where the time of tasks went: on CPUs, runnable, blocked
 *
 * A thread is seen from the beginning of its first record to its last one. What none of its records
 * covers was not recorded: waits for a CPU below their threshold, lost events, and the error of
 * samples.
 */
#include "analyze/report/time_report.h"

#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/report/sums.h"
#include "analyze/trace/call_chain.h"
#include "text/quantity.h"
#include "text/text_stream.h"

#define CULPRITS     3u
#define TOP          3u
#define WHOLE_TENTHS 1000u /* of a percent */
#define QUOTA_MAX    1e15  /* of damaged files */
#define NAME_COLUMN  14
#define TEXT_MAX     512u
#define INDENT       38u
#define SYSTEM_CALL  "__x64_sys_"
#define COMPAT_CALL  "__ia32_sys_"
#define PREFIX_OF(x) (x), sizeof(x) - 1

enum part {
	PART_CPU,
	PART_RUNNABLE,
	PART_BLOCKED,
	PARTS,
};

/* As the recorder names them. */
static const char *const part_events[PARTS] = {"cpu", "runq", "offcpu"};

/* A thread by its number and start. */
struct seen {
	const struct trace_file *file;
	uint64_t tid;
	uint64_t start_ns;
	uint64_t first_ns;
	uint64_t last_ns;
};

struct time_report {
	void *threads; /* a tree of struct seen */
	uint64_t thread_count;
	uint64_t seen_ns; /* of all threads */
	uint64_t part_ns[PARTS];
	uint64_t blocked_count;
	struct sums sums; /* by part */
	bool has_part[PARTS];
	void *asked_files;      /* a tree of those of which it is known */
	bool lacks_part[PARTS]; /* a file of blocked times was recorded without it */
	bool out_of_memory;
};

struct time_report *time_report_new(void)
{
	return calloc(1, sizeof(struct time_report));
}

static uint64_t add_up(uint64_t left, uint64_t right)
{
	return left + right < left ? UINT64_MAX : left + right;
}

static int compare_seen(const void *left, const void *right)
{
	const struct seen *a = left, *b = right;

	if (a->tid != b->tid)
		return a->tid < b->tid ? -1 : 1;
	if (a->start_ns != b->start_ns)
		return a->start_ns < b->start_ns ? -1 : 1;
	return a->file == b->file ? 0 : a->file < b->file ? -1 : 1;
}

static bool see(struct time_report *report, const struct visitor_event *event, uint64_t begin_ns,
		uint64_t end_ns)
{
	const struct seen key = {.file = event->file,
				 .tid = event->task->tid,
				 .start_ns = event->task->start,
				 .first_ns = begin_ns,
				 .last_ns = end_ns};
	struct seen **found = tsearch(&key, &report->threads, compare_seen);
	struct seen *seen;

	if (!found)
		return false;
	if (*found != &key) {
		seen = *found;
		seen->first_ns = begin_ns < seen->first_ns ? begin_ns : seen->first_ns;
		seen->last_ns = end_ns > seen->last_ns ? end_ns : seen->last_ns;
		return true;
	}
	seen = malloc(sizeof(*seen));
	if (!seen) {
		tdelete(&key, &report->threads, compare_seen);
		return false;
	}
	*seen = key;
	*found = seen;
	report->thread_count++;
	return true;
}

/* Returns the length of the name of the innermost frame; 0 without a stack. */
static size_t innermost(const struct trace_file *file, uint64_t stack,
			char name[static CALL_NAME_MAX])
{
	struct call_chain chain;

	call_chain_load(file, stack, &chain);
	return chain.count ? call_frame_name(file, chain.frames[0], name) : 0;
}

/* The system call of a kernel stack, or else its innermost function. */
static size_t place_of(const struct trace_file *file, uint64_t stack,
		       char name[static CALL_NAME_MAX])
{
	static const struct {
		const char *text;
		size_t size;
	} prefixes[] = {{PREFIX_OF(SYSTEM_CALL)}, {PREFIX_OF(COMPAT_CALL)}};
	struct call_chain chain;

	call_chain_load(file, stack, &chain);
	for (size_t i = 0; i < chain.count; i++) {
		size_t size = call_frame_name(file, chain.frames[i], name);

		for (size_t k = 0; k < sizeof(prefixes) / sizeof(prefixes[0]); k++) {
			if (size <= prefixes[k].size ||
			    strncmp(name, prefixes[k].text, prefixes[k].size) != 0)
				continue;
			memmove(name, name + prefixes[k].size, size - prefixes[k].size);
			return size - prefixes[k].size;
		}
	}
	return chain.count ? call_frame_name(file, chain.frames[0], name) : 0;
}

static bool add(struct time_report *report, enum part part, struct trace_text text, uint64_t count,
		uint64_t total_ns)
{
	const struct sum key = {.of = part, .text = text};

	report->part_ns[part] = add_up(report->part_ns[part], total_ns);
	return sums_add_many(&report->sums, &key, count, total_ns);
}

static bool add_samples(struct time_report *report, const struct visitor_event *event)
{
	const struct dz_cpu *row = event->event->row;
	const uint64_t count = row->count ? row->count : 1;
	char name[CALL_NAME_MAX];
	uint64_t total_ns;
	size_t size = innermost(event->file,
				row->kernel_stack ? row->kernel_stack : row->user_stack, name);

	/* Samples of other events than a clock stand for no time. */
	if (!row->period) {
		report->lacks_part[PART_CPU] = true;
		return true;
	}
	report->has_part[PART_CPU] = true;
	if (__builtin_mul_overflow(row->period, count, &total_ns))
		total_ns = UINT64_MAX;
	return see(report, event, row->time - row->span, row->time) &&
	       add(report, PART_CPU, (struct trace_text){name, size}, count, total_ns);
}

static bool add_wait(struct time_report *report, const struct visitor_event *event)
{
	const struct dz_runq *row = event->event->row;

	report->has_part[PART_RUNNABLE] = true;
	return see(report, event, row->time - row->waited, row->time);
}

static bool add_holder(struct time_report *report, const struct visitor_event *event)
{
	const struct dz_runq_holder *row = event->event->row;
	const struct dz_task *holder = dz_reader_task(event->file->reader, row->holder);

	return add(report, PART_RUNNABLE, trace_text(event->file, holder ? holder->comm : 0), 1,
		   row->held);
}

/* "read, woken by writer" */
static size_t write_block(const struct visitor_event *event, const struct dz_offcpu *row,
			  char text[static TEXT_MAX])
{
	const struct dz_task *waker = dz_reader_task(event->file->reader, row->waker);
	const struct trace_text who = trace_text(event->file, waker ? waker->comm : 0);
	char place[CALL_NAME_MAX];
	size_t size = place_of(event->file, row->kernel_stack, place);
	int length;

	if (size > 100)
		size = 100;
	if (waker)
		length = snprintf(text, TEXT_MAX, "%.*s, woken by %.*s", (int)size, place,
				  who.size > 64 ? 64 : (int)who.size, who.bytes);
	else
		length = snprintf(text, TEXT_MAX, "%.*s, %s", (int)size, place,
				  row->open        ? "still blocked at the end"
				  : row->interrupt ? "woken by an interrupt"
						   : "waker unknown");
	return length > 0 && length < (int)TEXT_MAX ? (size_t)length : 0;
}

/* Whether the recorder of a file was asked for a kind of event. */
static bool was_asked_for(const struct trace_file *file, const char *name)
{
	const struct dz_bytes events = dz_reader_info(file->reader, "recorder.events");
	const size_t length = strlen(name);
	size_t begin = 0;

	for (size_t end = 0; end <= events.size && events.size; end++) {
		if (end < events.size && events.data[end] != ',')
			continue;
		/* Probes come last; their arguments can have any name. */
		if (memchr(events.data + begin, ':', end - begin))
			return false;
		if (end - begin == length && memcmp(events.data + begin, name, length) == 0)
			return true;
		begin = end + 1;
	}
	return false;
}

static int compare_files(const void *left, const void *right)
{
	const uintptr_t a = (uintptr_t)left, b = (uintptr_t)right;

	return (a > b) - (a < b);
}

/* The files belong to the trace. */
static void keep_file(void *file)
{
	(void)file;
}

/* Returns false on allocation failure. */
static bool see_file(struct time_report *report, const struct trace_file *file)
{
	if (tfind(file, &report->asked_files, compare_files))
		return true;
	if (!tsearch(file, &report->asked_files, compare_files))
		return false;
	for (int part = 0; part < PARTS; part++)
		report->lacks_part[part] |= !was_asked_for(file, part_events[part]);
	return true;
}

static bool add_block(struct time_report *report, const struct visitor_event *event)
{
	const struct dz_offcpu *row = event->event->row;
	char text[TEXT_MAX];
	const size_t size = write_block(event, row, text);

	report->blocked_count = add_up(report->blocked_count, row->count);
	return see_file(report, event->file) &&
	       see(report, event, row->time - row->span, row->time) &&
	       add(report, PART_BLOCKED, (struct trace_text){text, size}, row->count, row->blocked);
}

static bool visit(void *context, const struct visitor_event *event)
{
	static const struct {
		uint32_t kind;
		bool (*add)(struct time_report *report, const struct visitor_event *event);
	} adders[] = {
		{DZ_KIND_CPU, add_samples},
		{DZ_KIND_RUNQ, add_wait},
		{DZ_KIND_RUNQ_HOLDER, add_holder},
		{DZ_KIND_OFFCPU, add_block},
	};
	struct time_report *report = context;

	if (!event->event->row || !event->task || event->task->kernel_thread)
		return true;
	for (size_t i = 0; i < sizeof(adders) / sizeof(adders[0]); i++) {
		if (adders[i].kind == event->event->kind && !adders[i].add(report, event)) {
			report->out_of_memory = true;
			return false;
		}
	}
	return true;
}

struct visitor time_report_visitor(struct time_report *report)
{
	return (struct visitor){report,
				VISITOR_KIND(DZ_KIND_CPU) | VISITOR_KIND(DZ_KIND_RUNQ) |
					VISITOR_KIND(DZ_KIND_RUNQ_HOLDER) |
					VISITOR_KIND(DZ_KIND_OFFCPU),
				visit};
}

static void add_seen(const void *node, VISIT order, void *context)
{
	const struct seen *seen = *(const struct seen *const *)node;
	uint64_t *total_ns = context;

	if ((order == postorder || order == leaf) && seen->last_ns > seen->first_ns)
		*total_ns = add_up(*total_ns, seen->last_ns - seen->first_ns);
}

static double share_of(uint64_t ns, uint64_t total_ns)
{
	return total_ns ? 100.0 * (double)ns / (double)total_ns : 0;
}

static void write_name(const struct sum *sum, FILE *out)
{
	static const char *const unknown[PARTS] = {"no stack", "idle or unknown tasks", "unknown"};

	if (sum->text.size)
		task_text_text(out, sum->text);
	else
		fputs(unknown[sum->of], out);
}

/* "compute 50 %, memcpy 10 %" */
static void write_largest(const struct sum **sums, enum part part, uint64_t total_ns, FILE *out)
{
	size_t shown = 0;

	for (size_t i = 0; sums[i] && shown < TOP; i++) {
		if (sums[i]->of != part || sums[i]->total_ns == 0)
			continue;
		fputs(shown++ ? "; " : "", out);
		write_name(sums[i], out);
		fprintf(out, " %.1f %%", share_of(sums[i]->total_ns, total_ns));
	}
}

/* What is printed of the whole, in tenths of a percent. */
struct shares {
	uint64_t tenths[PARTS + 1]; /* the last is the rest */
	uint64_t rest_ns;
	bool is_too_much; /* the parts are more than the whole, by the rest */
};

/* A share in tenths of a percent. */
static double quota_of(uint64_t ns, uint64_t total_ns)
{
	double quota = 10 * share_of(ns, total_ns);

	return quota < QUOTA_MAX ? quota : QUOTA_MAX;
}

/* Rounds the quotas, so that they add up to `sum`: those with the largest fractions are rounded up.
 */
static void round_shares(const double *quotas, size_t count, uint64_t sum, uint64_t *ret_tenths)
{
	double fractions[PARTS + 1] = {0};
	uint64_t down = 0;

	for (size_t i = 0; i < count; i++) {
		ret_tenths[i] = (uint64_t)quotas[i];
		fractions[i] = quotas[i] - (double)ret_tenths[i];
		down += ret_tenths[i];
	}
	for (size_t turn = 0; turn < count && down < sum; turn++, down++) {
		size_t best = 0;

		for (size_t i = 1; i < count; i++) {
			if (fractions[i] > fractions[best])
				best = i;
		}
		ret_tenths[best]++;
		fractions[best]--;
	}
}

/* The printed shares add up to 100 %, although each of them is rounded. */
static struct shares find_shares(const struct time_report *report)
{
	struct shares shares = {.is_too_much = false};
	double quotas[PARTS + 1];
	uint64_t parts_ns = 0, whole = report->seen_ns ? WHOLE_TENTHS : 0;

	for (int i = 0; i < PARTS; i++) {
		parts_ns = add_up(parts_ns, report->part_ns[i]);
		quotas[i] = quota_of(report->part_ns[i], report->seen_ns);
	}
	shares.is_too_much = parts_ns > report->seen_ns;
	shares.rest_ns =
		shares.is_too_much ? parts_ns - report->seen_ns : report->seen_ns - parts_ns;
	quotas[PARTS] = quota_of(shares.rest_ns, report->seen_ns);
	if (shares.is_too_much) {
		shares.tenths[PARTS] = (uint64_t)(quotas[PARTS] + 0.5);
		round_shares(quotas, PARTS, whole + shares.tenths[PARTS], shares.tenths);
	} else {
		round_shares(quotas, PARTS + 1, whole, shares.tenths);
	}
	return shares;
}

/* The columns of a line before its text. */
struct line {
	const char *name;
	uint64_t ns;
	uint64_t tenths; /* of a percent */
};

/* Frees the text. Returns false if it is NULL. */
static bool write_line(const struct layout *layout, FILE *out, const struct line *line, char *text)
{
	if (!text)
		return false;
	fprintf(out, "  %-*s%10s  %4" PRIu64 ".%" PRIu64 " %%  ", NAME_COLUMN, line->name,
		quantity_of_duration(line->ns).text, line->tenths / 10, line->tenths % 10);
	if (text[0])
		layout_paragraph(layout, out, INDENT, INDENT, text);
	else
		fputc('\n', out);
	free(text);
	return true;
}

/* What is written. */
struct whole {
	struct time_report report; /* with the time of all threads */
	const struct sum **sums;
	struct shares shares;
	const struct layout *layout;
	uint64_t kinds; /* that are selected; 0: all */
};

/* Writes why a part has no time. The recorder or the filters can have left out other threads. */
static void write_missing(const struct whole *whole, enum part part, FILE *out)
{
	const enum dz_kind kind = part == PART_CPU ? DZ_KIND_CPU : DZ_KIND_RUNQ;

	fputs(part == PART_CPU ? "no samples" : "no waits", out);
	if (whole->kinds && !(whole->kinds & UINT64_C(1) << kind))
		fputs(": not selected by -e", out);
	else if (whole->report.lacks_part[part])
		fprintf(out, ": record with -e %s, too", part_events[part]);
	else
		fputs(" of these threads", out);
}

static bool write_part(const struct whole *whole, enum part part, FILE *out)
{
	static const char *const names[PARTS] = {"on CPUs", "runnable", "blocked"};
	const struct time_report *report = &whole->report;
	const struct line line = {names[part], report->part_ns[part], whole->shares.tenths[part]};
	struct text_stream stream;

	if (!text_stream_open(&stream))
		return false;
	if (part != PART_BLOCKED && !report->has_part[part])
		write_missing(whole, part, stream.out);
	write_largest(whole->sums, part, report->seen_ns, stream.out);
	return write_line(whole->layout, out, &line, text_stream_close(&stream));
}

static int compare_totals(const void *left, const void *right)
{
	const struct sum *a = *(const struct sum *const *)left;
	const struct sum *b = *(const struct sum *const *)right;

	return (a->total_ns < b->total_ns) - (a->total_ns > b->total_ns);
}

/* Changes the order of the sums. */
static void write_culprits(const struct time_report *report, const struct sum **sums, FILE *out)
{
	static const char *const verbs[PARTS] = {
		"running in ", "waiting for a CPU that was held by ", "blocked in "};
	size_t count = 0;

	while (sums[count])
		count++;
	qsort(sums, count, sizeof(struct sum *), compare_totals);
	for (size_t i = 0; i < count && i < CULPRITS && sums[i]->total_ns; i++) {
		fprintf(out, "  %zu. %.1f %% %s", i + 1,
			share_of(sums[i]->total_ns, report->seen_ns), verbs[sums[i]->of]);
		write_name(sums[i], out);
		fputs(", ", out);
		task_text_count(out, sums[i]->count, "time");
		fputc('\n', out);
	}
}

/* What the parts are more than the time that was seen is the error of samples. */
static bool write_rest(const struct whole *whole, FILE *out)
{
	const struct shares *shares = &whole->shares;
	const struct line line = {shares->is_too_much ? "too much" : "not recorded",
				  shares->rest_ns, shares->tenths[PARTS]};
	const char *text = shares->is_too_much
				   ? "each sample stands for the time to the next one"
				   : "shorter waits for a CPU, and what the lines above say";

	return write_line(whole->layout, out, &line, strdup(text));
}

bool time_report_write(const struct time_report *report, const struct layout *layout,
		       uint64_t kinds, FILE *out)
{
	struct whole whole = {.report = *report, .layout = layout, .kinds = kinds};
	bool ok = true;

	if (report->out_of_memory)
		return false;
	if (report->blocked_count == 0)
		return true;
	whole.sums = sums_sorted(&report->sums);
	if (!whole.sums)
		return false;
	twalk_r(report->threads, add_seen, &whole.report.seen_ns);
	whole.shares = find_shares(&whole.report);
	fputs("\nwhere did the time go: ", out);
	task_text_count(out, report->thread_count, "thread");
	fprintf(out, ", %s together\n", quantity_of_duration(whole.report.seen_ns).text);
	for (int part = 0; part < PARTS && ok; part++)
		ok = write_part(&whole, (enum part)part, out);
	ok = ok && write_rest(&whole, out);
	if (ok)
		write_culprits(&whole.report, whole.sums, out);
	free(whole.sums);
	return ok;
}

void time_report_free(struct time_report *report)
{
	if (!report)
		return;
	tdestroy(report->threads, free);
	tdestroy(report->asked_files, keep_file);
	sums_release(&report->sums);
	free(report);
}
