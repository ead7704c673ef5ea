/* analyze/html/html_page.c - a trace as one page, complete without its script and without a network
 */
#include "analyze/html/html_page.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "analyze/html/html_answers.h"
#include "analyze/html/html_embedded.h"
#include "analyze/html/html_lanes.h"
#include "analyze/html/html_phases.h"
#include "analyze/html/html_tables.h"
#include "analyze/html/html_text.h"
#include "analyze/html/html_time.h"
#include "analyze/replay/loss.h"
#include "analyze/replay/totals.h"
#include "analyze/report/file_summary.h"
#include "analyze/report/notices.h"
#include "analyze/report/report_head.h"
#include "analyze/report/report_tables.h"
#include "flame/svg/embedded.h"
#include "text/page_style.h"
#include "text/quantity.h"
#include "text/text_stream.h"

/* Traces that are named. */
#define TRACES_SHOWN 20u

/* Columns of text that is shown as it is printed. */
#define TEXT_COLUMNS 100u

/* Results of the passes over a trace. */
struct parts {
	const struct html_page *page;
	struct totals totals;
	struct loss loss;
	struct file_facts facts;
	struct answers *answers;
	struct html_lanes lanes;
};

bool html_page_recognizes(const char *start, size_t size)
{
	return size >= HTML_PAGE_START_BYTES &&
	       memcmp(start, HTML_PAGE_START, HTML_PAGE_START_BYTES) == 0;
}

/* Texts of the trace are written by functions that print: one call for each, with the text. */
typedef bool print_text(const struct parts *parts, FILE *out);

/* Returns the text, which the caller frees. NULL on allocation failure. */
static char *text_of(const struct parts *parts, print_text *print)
{
	struct text_stream stream;
	bool ok = text_stream_open(&stream) && print(parts, stream.out);
	char *text = text_stream_close(&stream);

	if (ok)
		return text;
	free(text);
	return NULL;
}

/* "web1  2026-11-29 14:02:00 .. 14:03:00 UTC (60 s)" */
static bool print_head(const struct parts *parts, FILE *out)
{
	const struct report *report = parts->page->report;

	report_head_write(report->trace, report->options->selection.utc, out);
	return true;
}

static void print_counted(FILE *out, uint64_t count, const char *thing)
{
	if (count == 0)
		return;
	fputs("; ", out);
	task_text_count(out, count, thing);
}

/* "23,009 exits: 2 crashed, 10,000 killed" */
static bool print_counts(const struct parts *parts, FILE *out)
{
	const char *separator = ": ";

	task_text_count(out, parts->totals.exits, "exit");
	for (size_t i = 0; i < CAUSE_CLASSES; i++) {
		uint64_t count = answers_count(parts->answers, (enum cause_class)i);

		if (count == 0)
			continue;
		fprintf(out, "%s%s %s", separator, quantity_exact(count).text,
			answers_class_word((enum cause_class)i));
		separator = ", ";
	}
	print_counted(out, parts->totals.kinds[DZ_KIND_SIGNAL], "signal");
	print_counted(out, parts->totals.kinds[DZ_KIND_SECTION], "section");
	print_counted(out, parts->totals.kinds[DZ_KIND_PROBE], "probe hit");
	print_counted(out, parts->totals.kinds[DZ_KIND_RUNQ], "CPU wait");
	print_counted(out, parts->totals.kinds[DZ_KIND_CPU], "CPU sample");
	print_counted(out, parts->totals.kinds[DZ_KIND_OFFCPU], "blocked time");
	print_counted(out, parts->totals.lost, "lost event");
	return true;
}

static bool print_notices(const struct parts *parts, FILE *out)
{
	const struct report *report = parts->page->report;
	const struct notices notices = {
		.trace = report->trace,
		.loss = &parts->loss,
		.layout = &report->options->layout,
		.utc = report->options->selection.utc,
		.verbose = true,
	};

	return notices_write(&notices, out);
}

static bool print_losses(const struct parts *parts, FILE *out)
{
	loss_write(&parts->loss, parts->page->report->options->selection.utc, out);
	return true;
}

static bool print_info(const struct parts *parts, FILE *out)
{
	struct report report = *parts->page->report;
	struct file_facts facts = parts->facts;

	report.out = out;
	return file_summary_write(&report, &facts);
}

static bool print_sections(const struct parts *parts, FILE *out)
{
	struct report report = *parts->page->report;

	report.out = out;
	return report_tables_write_sections(&report, &parts->totals, false);
}

static bool print_probes(const struct parts *parts, FILE *out)
{
	struct report report = *parts->page->report;

	report.out = out;
	return report_tables_write_probes(&report, &parts->totals, false);
}

static bool print_waits(const struct parts *parts, FILE *out)
{
	struct report report = *parts->page->report;

	report.out = out;
	return report_tables_write_runq(&report, &parts->totals, false);
}

static bool print_samples(const struct parts *parts, FILE *out)
{
	struct report report = *parts->page->report;

	report.out = out;
	return report_tables_write_cpu(&report, &parts->totals, false);
}

static bool print_time(const struct parts *parts, FILE *out)
{
	struct report report = *parts->page->report;

	report.out = out;
	return report_tables_write_time(&report, &parts->totals);
}

static bool write_element(const struct parts *parts, const char *tag, print_text *print, FILE *out)
{
	char *text = text_of(parts, print);

	if (text && *text)
		html_text_element(out, tag, "text", text);
	free(text);
	return text != NULL;
}

/* Writes a section of text as it is printed; nothing if the text is empty. `id` is written as it
 * is. */
static bool write_text_section(const struct parts *parts, const char *id, const char *title,
			       print_text *print, FILE *out)
{
	char *text = text_of(parts, print);

	if (text && *text) {
		fprintf(out, "<section id=\"%s\">%s%s%s<pre class=\"printed\">", id,
			*title ? "<h2>" : "", title, *title ? "</h2>" : "");
		html_text_lines(out, text + strspn(text, "\n"));
		fputs("</pre></section>\n", out);
	}
	free(text);
	return text != NULL;
}

static void write_uuid(const struct trace_file *file, FILE *out)
{
	const struct dz_file_header *header = dz_reader_header(file->reader);

	for (size_t i = 0; i < sizeof(header->uuid); i++)
		fprintf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			header->uuid[i]);
}

static size_t count_traces(const struct trace *trace)
{
	const struct trace_file *file;
	size_t count = 0;

	for (size_t i = 0; (file = trace_file(trace, i)); i++)
		count += file->reader != NULL;
	return count;
}

/* "trace.dz (1b4e28ba-...)": by its uuid the trace can be found again. */
static void write_trace_names(const struct trace *trace, FILE *out)
{
	const struct trace_file *file;
	size_t count = 0;

	for (size_t i = 0; (file = trace_file(trace, i)) && count < TRACES_SHOWN; i++) {
		if (!file->reader)
			continue;
		count++;
		fputs("<p class=\"trace\">trace: ", out);
		html_text(out, file->path);
		fputs(" (<code>", out);
		write_uuid(file, out);
		fputs("</code>)</p>\n", out);
	}
}

/* A trace is named below the title; the names of several would leave no room there. */
static void write_traces(const struct trace *trace, FILE *out)
{
	const size_t count = count_traces(trace);

	if (count <= 1)
		return;
	fputs("<section id=\"traces\"><h2>Traces</h2>\n", out);
	write_trace_names(trace, out);
	if (count > TRACES_SHOWN)
		fprintf(out, "<p class=\"trace\">and %zu more traces</p>\n", count - TRACES_SHOWN);
	fputs("</section>\n", out);
}

/* Nothing is loaded, and no other script runs than those of this program. */
static bool write_start(const struct parts *parts, FILE *out)
{
	fprintf(out,
		HTML_PAGE_START
		"<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'; script-src 'sha256-%s' 'sha256-%s'; img-src data:; "
		"frame-src data:; base-uri 'none'; form-action 'none'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		"<meta name=\"referrer\" content=\"no-referrer\">\n"
		"<link rel=\"icon\" href=\"data:,\">\n",
		html_script_hash, embedded_script_hash);
	if (!write_element(parts, "title", print_head, out))
		return false;
	fputs("<style>", out);
	fwrite(page_style, 1, page_style_size, out);
	fwrite(html_style, 1, html_style_size, out);
	fputs("</style></head>\n<body>\n", out);
	return true;
}

static bool write_header(const struct parts *parts, FILE *out)
{
	const size_t count = count_traces(parts->page->report->trace);

	fputs("<header class=\"top\"><div class=\"bar-line\">", out);
	if (!write_element(parts, "h1", print_head, out))
		return false;
	fputs("<div class=\"tools\" id=\"tools\"></div></div>\n<div class=\"lines\">", out);
	if (!write_element(parts, "p", print_counts, out))
		return false;
	if (count > 1)
		fprintf(out, "<p class=\"trace\">%zu traces</p>\n", count);
	else
		write_trace_names(parts->page->report->trace, out);
	fputs("</div>\n<div class=\"help\" id=\"help\" hidden></div>\n<div class=\"under\"><div "
	      "class=\"status\" id=\"status\" role=\"status\"></div></div></header>\n<main>\n",
	      out);
	return true;
}

static bool write_sections(const struct parts *parts, FILE *out)
{
	const struct html_page *page = parts->page;
	const bool utc = page->report->options->selection.utc;
	const struct time_range span = trace_span(page->report->trace);

	if (!write_text_section(parts, "notices", "", print_notices, out) ||
	    !html_answers_write(parts->answers, out))
		return false;
	html_time_write(&parts->lanes, &span, utc, out);
	if (!html_flames_write(page->flames, page->with_command, out) ||
	    !write_text_section(parts, "sections", "Sections", print_sections, out) ||
	    !write_text_section(parts, "probes", "Probes", print_probes, out) ||
	    !write_text_section(parts, "where", "Where the time went", print_time, out) ||
	    !write_text_section(parts, "waits", "Waits for a CPU", print_waits, out) ||
	    !write_text_section(parts, "samples", "Samples of CPUs", print_samples, out) ||
	    !html_tables_write(page->report, parts->totals.kinds, out) ||
	    !write_text_section(parts, "losses", "Lost events", print_losses, out))
		return false;
	write_traces(page->report->trace, out);
	return write_text_section(parts, "info", "Recording", print_info, out);
}

static bool write_page(const struct parts *parts, FILE *out)
{
	if (!write_start(parts, out) || !write_header(parts, out) || !write_sections(parts, out))
		return false;
	fputs("</main>\n<footer class=\"note\">Made by diag-report. This page loads nothing from "
	      "a network.</footer>\n<script>",
	      out);
	fwrite(html_script, 1, html_script_size, out);
	fputs("</script>\n</body></html>\n", out);
	return true;
}

/* Returns false on allocation failure; a damaged trace is one of the notices. */
static bool replay(const struct parts *parts, const struct visitor *visitors, size_t count)
{
	const struct report *report = parts->page->report;
	enum replay_status status = report_replay(report, visitors, count);

	return status == REPLAY_OK || (status == REPLAY_FAILED && report_has_reason(report));
}

/* The states of sections, if the trace has their steps. */
static bool collect_phases(struct parts *parts)
{
	struct html_phases phases = {.count = 0};
	bool ok;

	if (parts->totals.kinds[DZ_KIND_STEP] == 0 || parts->totals.kinds[DZ_KIND_SECTION] == 0)
		return true;
	ok = html_phases_open(&phases, &parts->lanes);
	if (ok) {
		const struct visitor visitor = html_phases_visitor(&phases);

		ok = replay(parts, &visitor, 1) && html_phases_finish(&phases);
	}
	html_phases_release(&phases);
	return ok;
}

static bool collect(struct parts *parts)
{
	const struct time_range span = trace_span(parts->page->report->trace);
	const uint64_t length_ns = span.last_ns > span.first_ns ? span.last_ns - span.first_ns : 1;
	const struct visitor first[] = {
		totals_visitor(&parts->totals),         loss_visitor(&parts->loss),
		file_facts_visitor(&parts->facts),      answers_visitor(parts->answers),
		html_lanes_find_visitor(&parts->lanes),
	};
	struct visitor second = html_lanes_fill_visitor(&parts->lanes);

	if (!replay(parts, first, sizeof(first) / sizeof(first[0])))
		return false;
	html_lanes_settle(&parts->lanes);
	if (!replay(parts, &second, 1))
		return false;
	html_lanes_merge(&parts->lanes, length_ns);
	return collect_phases(parts) && trace_collect_problems(parts->page->report->trace);
}

bool html_page_write(const struct html_page *page, FILE *out)
{
	const struct report_options *given = page->report->options;
	struct report_options options = *given;
	struct report report = *page->report;
	struct html_page inner = *page;
	struct parts parts = {.page = &inner};
	const struct answers_style style = {
		.layout = {.width = TEXT_COLUMNS},
		.top = HTML_ANSWERS_MAX,
		.stacks = true,
		.whole = true,
		.utc = given->selection.utc,
		.dates = report_head_has_dates(page->report->trace, given->selection.utc),
		.hosts = report_head_hosts(page->report->trace) > 1,
	};
	bool ok;

	options.layout = (struct layout){.width = TEXT_COLUMNS};
	options.no_command = !page->with_command;
	report.options = &options;
	inner.report = &report;
	parts.answers = answers_new(&style);
	ok = html_lanes_open(&parts.lanes, given->selection.signals != 0) && parts.answers &&
	     collect(&parts) && write_page(&parts, out);
	html_lanes_release(&parts.lanes);
	answers_free(parts.answers);
	file_facts_free(&parts.facts);
	return ok;
}
