/* analyze/report/notices.c - notices about damage, a missing end and lost events */
#include "analyze/report/notices.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/report/ring_advice.h"
#include "text/quantity.h"
#include "text/text_stream.h"

/* Notices of files, and of reasons of losses, unless all are asked for. */
#define FILES_SHOWN   6u
#define REASONS_SHOWN 4u

/* A paragraph starts with "! ". */
#define INDENT 2u

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Contents of a block without events, as words. */
static const struct {
	uint32_t kind;
	const char *words;
} contents[] = {
	{DZ_KIND_STRING, "names and other texts"},
	{DZ_KIND_SCHEMA, "descriptions of fields"},
	{DZ_KIND_MODULE, "names of program files"},
	{DZ_KIND_FRAME, "functions"},
	{DZ_KIND_STACK, "call stacks"},
	{DZ_KIND_TASK, "processes"},
	{DZ_KIND_CLOCK, "clocks"},
	{DZ_KIND_INFO, "information about the recording"},
	{DZ_KIND_LOST, "counts of lost events"},
	{DZ_KIND_INDEX, "the index"},
};

static const struct trace_file *find_file(const struct trace *trace, const char *path)
{
	const struct trace_file *file;

	for (size_t i = 0; (file = trace_file(trace, i)); i++)
		if (file->path == path)
			return file;
	return NULL;
}

/* Returns the block that starts at an offset; NULL if its header is damaged as well. */
static const struct dz_block_info *find_block(const struct trace_file *file, uint64_t offset)
{
	size_t count;
	const struct dz_block_info *blocks = dz_reader_blocks(file->reader, &count);

	for (size_t i = 0; i < count; i++)
		if (blocks[i].offset == offset)
			return &blocks[i];
	return NULL;
}

static const char *find_contents(uint32_t kind)
{
	for (size_t i = 0; i < COUNT(contents); i++)
		if (contents[i].kind == kind)
			return contents[i].words;
	return NULL;
}

static const char *kind_name(uint32_t number)
{
	size_t count;
	const struct dz_kind_schema *kinds = dz_schema_kinds(&count);

	for (size_t i = 0; i < count; i++)
		if (kinds[i].kind == number)
			return kinds[i].name;
	return "event";
}

static void write_between(const struct notices *notices, uint64_t first_ns, uint64_t last_ns,
			  FILE *out)
{
	fprintf(out, "between %s and ", timestamp_clock(first_ns, notices->utc).text);
	fputs(timestamp_clock(last_ns, notices->utc).text, out);
}

static void write_missing(const struct notices *notices, const struct trace_file *file,
			  const struct dz_block_info *block, FILE *out)
{
	const char *words = block ? find_contents(block->kind) : NULL;

	if (words) {
		fprintf(out, ": %s; no event is missing", words);
		return;
	}
	if (!block) {
		fputs(": events can be missing", out);
		return;
	}
	fputs(": ", out);
	task_text_events(
		out, block->records,
		(struct trace_text){kind_name(block->kind), strlen(kind_name(block->kind))});
	fputc(' ', out);
	write_between(notices, dz_reader_realtime_ns(file->reader, block->first),
		      dz_reader_realtime_ns(file->reader, block->last), out);
	fputs(" are missing", out);
}

/* Whether the damage is the end of a file that was not closed, which has a notice already. */
static bool is_broken_end(const struct trace_file *file, const struct input_problem *problem)
{
	return !dz_reader_closed(file->reader) && problem->size_bytes > 0 &&
	       problem->offset + problem->size_bytes == file->size_bytes;
}

static const struct input_problem *find_broken_end(const struct notices *notices,
						   const struct trace_file *file)
{
	const struct input_problem *problem;

	for (size_t i = 0; (problem = trace_problem(notices->trace, i)); i++)
		if (problem->path == file->path && is_broken_end(file, problem))
			return problem;
	return NULL;
}

static void write_unclosed(const struct notices *notices, const struct trace_file *file, FILE *out)
{
	const struct input_problem *end = find_broken_end(notices, file);

	fputs(": not closed: recorder killed, file cut, or still recording", out);
	if (end)
		fprintf(out, ". The last %s bytes are not whole",
			quantity_exact(end->size_bytes).text);
}

static void write_problem(const struct notices *notices, const struct trace_file *file,
			  const struct input_problem *problem, FILE *out)
{
	task_text_text(out, (struct trace_text){problem->path, strlen(problem->path)});
	if (!file || !file->reader) {
		fprintf(out, ": %s", problem->what);
	} else if (problem->size_bytes == 0 && problem->offset == 0) {
		write_unclosed(notices, file, out);
	} else {
		fputs(": ", out);
		task_text_count(out, problem->size_bytes, "byte");
		fprintf(out, " at %s %s damaged", quantity_exact(problem->offset).text,
			problem->size_bytes == 1 ? "is" : "are");
		write_missing(notices, file, find_block(file, problem->offset), out);
	}
}

/* Writes the notice that is in the stream. */
static bool end(const struct notices *notices, struct text_stream *notice, FILE *out)
{
	const struct layout *layout = notices->layout;
	char *text = text_stream_close(notice);

	if (!text)
		return false;
	fprintf(out, "%s!%s ", layout_style(layout, LAYOUT_RED),
		layout_style(layout, LAYOUT_PLAIN));
	layout_paragraph(layout, out, INDENT, INDENT, text);
	free(text);
	return true;
}

static bool write_more(const struct notices *notices, size_t more, FILE *out)
{
	struct text_stream notice;

	if (more == 0)
		return true;
	if (!text_stream_open(&notice))
		return false;
	task_text_count(notice.out, more, "more problem");
	fputs(" of the files (--verify)", notice.out);
	return end(notices, &notice, out);
}

static bool write_files(const struct notices *notices, FILE *out)
{
	const struct input_problem *problem;
	size_t shown = 0, more = 0;

	for (size_t i = 0; (problem = trace_problem(notices->trace, i)); i++) {
		const struct trace_file *file = find_file(notices->trace, problem->path);
		struct text_stream notice;

		if (problem->failure || (file && file->reader && is_broken_end(file, problem)))
			continue;
		if (shown == FILES_SHOWN && !notices->verbose) {
			more++;
			continue;
		}
		shown++;
		if (!text_stream_open(&notice))
			return false;
		write_problem(notices, file, problem, notice.out);
		if (!end(notices, &notice, out))
			return false;
	}
	return write_more(notices, more, out);
}

static bool has_reason_before(const struct loss *loss, size_t place)
{
	for (size_t i = 0; i < place; i++)
		if (trace_text_compare(loss->entries[i].reason, loss->entries[place].reason) == 0)
			return true;
	return false;
}

/* "ring full", or "ring full for one user". */
static bool is_full_ring(struct trace_text reason)
{
	return reason.size >= strlen("ring full") && memcmp(reason.bytes, "ring full", 9) == 0;
}

/* Sizes up to the largest of --ring-size, which are powers of two of at least a page. */
static void write_size_to_try(uint64_t bytes, FILE *out)
{
	if (bytes % (1u << 20) == 0)
		fprintf(out, "%" PRIu64 "M", bytes >> 20);
	else
		fprintf(out, "%" PRIu64 "K", bytes >> 10);
}

/* One size is for all rings: that of the ring that needs most. */
static void write_ring_advice(const struct notices *notices, FILE *out)
{
	struct ring_advice most = {0};

	for (size_t i = 0; i < notices->loss->count; i++) {
		const struct loss_entry *entry = &notices->loss->entries[i];
		struct ring_advice advice = {0};

		if (is_full_ring(entry->reason))
			advice = ring_advice_of(notices->trace, entry->kind);
		if (advice.ring_bytes > most.ring_bytes)
			most.ring_bytes = advice.ring_bytes;
		if (advice.try_bytes > most.try_bytes)
			most.try_bytes = advice.try_bytes;
	}
	if (most.try_bytes > 0) {
		fputs(". Record with --ring-size" LAYOUT_JOIN, out);
		write_size_to_try(most.try_bytes, out);
	} else if (most.ring_bytes == 0) {
		fputs(". Record with a larger --ring-size", out);
	}
}

/* Records of samples are sums, but each sample that is lost counts. */
static void write_lost(const struct loss_entry *entry, FILE *out)
{
	if (entry->kind.size != strlen("cpu") || memcmp(entry->kind.bytes, "cpu", 3) != 0) {
		task_text_events(out, entry->count, entry->kind);
		return;
	}
	task_text_count(out, entry->count, "sample");
	fputs(" of CPUs", out);
}

/* "lost between 15:05:07.206 and 15:05:08.342, ring full: 5 exits, 16 signals" */
static void write_loss(const struct notices *notices, size_t place, FILE *out)
{
	const struct loss *loss = notices->loss;
	struct trace_text reason = loss->entries[place].reason;
	uint64_t first_ns = UINT64_MAX, last_ns = 0;
	const char *separator = ": ";

	for (size_t i = place; i < loss->count; i++) {
		const struct loss_entry *entry = &loss->entries[i];

		if (trace_text_compare(entry->reason, reason) != 0)
			continue;
		first_ns = entry->first_ns < first_ns ? entry->first_ns : first_ns;
		last_ns = entry->last_ns > last_ns ? entry->last_ns : last_ns;
	}
	fputs("lost ", out);
	write_between(notices, first_ns, last_ns, out);
	fputs(", ", out);
	task_text_text(out, reason);
	for (size_t i = place; i < loss->count; i++) {
		if (trace_text_compare(loss->entries[i].reason, reason) != 0)
			continue;
		fputs(separator, out);
		write_lost(&loss->entries[i], out);
		separator = ", ";
	}
	if (is_full_ring(reason))
		write_ring_advice(notices, out);
}

static bool write_losses(const struct notices *notices, FILE *out)
{
	size_t shown = 0;

	for (size_t i = 0; i < notices->loss->count; i++) {
		struct text_stream notice;

		if (has_reason_before(notices->loss, i) ||
		    (shown == REASONS_SHOWN && !notices->verbose))
			continue;
		shown++;
		if (!text_stream_open(&notice))
			return false;
		write_loss(notices, i, notice.out);
		if (!end(notices, &notice, out))
			return false;
	}
	return true;
}

static bool write_duplicates(const struct notices *notices, FILE *out)
{
	uint64_t count = trace_duplicates(notices->trace);
	struct text_stream notice;

	if (count == 0)
		return true;
	if (!text_stream_open(&notice))
		return false;
	task_text_count(notice.out, count, "event");
	fprintf(notice.out, " %s in several files: counted once", count == 1 ? "is" : "are");
	return end(notices, &notice, out);
}

bool notices_write(const struct notices *notices, FILE *out)
{
	return write_files(notices, out) && write_losses(notices, out) &&
	       write_duplicates(notices, out);
}
