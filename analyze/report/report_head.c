/* analyze/report/report_head.c - the first line of a report: where and when it was recorded */
#include "analyze/report/report_head.h"

#include <string.h>

#include "analyze/cause/task_text.h"
#include "text/quantity.h"

/* Names of hosts that are printed. */
#define HOSTS_SHOWN 4u

/* Hosts that are compared; further ones are not counted. */
#define HOSTS_MAX 256u

struct hosts {
	struct trace_text names[HOSTS_MAX];
	size_t count;
};

static void add_host(struct hosts *hosts, const struct trace_file *file)
{
	const struct dz_bytes value = dz_reader_info(file->reader, "host.name");
	const struct trace_text name = {(const char *)value.data, value.size};

	if (name.size == 0 || hosts->count == HOSTS_MAX)
		return;
	for (size_t i = 0; i < hosts->count; i++)
		if (trace_text_compare(hosts->names[i], name) == 0)
			return;
	hosts->names[hosts->count++] = name;
}

static struct hosts find_hosts(const struct trace *trace)
{
	const struct trace_file *file;
	struct hosts hosts = {.count = 0};

	for (size_t i = 0; (file = trace_file(trace, i)); i++)
		if (file->reader)
			add_host(&hosts, file);
	return hosts;
}

size_t report_head_hosts(const struct trace *trace)
{
	return find_hosts(trace).count;
}

static bool is_same_day(const struct timestamp_text *a, const struct timestamp_text *b)
{
	return strncmp(a->text, b->text, strlen("2026-08-20")) == 0;
}

bool report_head_has_dates(const struct trace *trace, bool utc)
{
	const struct time_range span = trace_span(trace);
	const struct timestamp_text first = timestamp_date(span.first_ns, utc);
	const struct timestamp_text last = timestamp_date(span.last_ns, utc);

	return !is_same_day(&first, &last);
}

static void write_hosts(const struct trace *trace, FILE *out)
{
	const struct hosts hosts = find_hosts(trace);

	for (size_t i = 0; i < hosts.count && i < HOSTS_SHOWN; i++) {
		if (i > 0)
			fputs(", ", out);
		task_text_text(out, hosts.names[i]);
	}
	if (hosts.count > HOSTS_SHOWN)
		fprintf(out, " and %zu more", hosts.count - HOSTS_SHOWN);
	if (hosts.count > 0)
		fputs("  ", out);
}

void report_head_write_span(const struct time_range *span, bool utc, FILE *out)
{
	const struct timestamp_text first = timestamp_date(span->first_ns, utc);
	const struct timestamp_text last = timestamp_date(span->last_ns, utc);
	uint64_t length_ns = span->last_ns > span->first_ns ? span->last_ns - span->first_ns : 0;

	fputs(first.text, out);
	if (strcmp(first.text, last.text) != 0)
		fprintf(out, " .. %s",
			is_same_day(&first, &last) ? last.text + strlen("2026-08-20 ") : last.text);
	fprintf(out, " %s (%s)", timestamp_zone(span->first_ns, utc).text,
		quantity_of_length(length_ns).text);
}

void report_head_write(const struct trace *trace, bool utc, FILE *out)
{
	const struct time_range span = trace_span(trace);

	write_hosts(trace, out);
	report_head_write_span(&span, utc, out);
}
