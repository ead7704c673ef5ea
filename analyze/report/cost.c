/* analyze/report/cost.c - the CPU time of the recorder */
#include "analyze/report/cost.h"

#include <string.h>

#include "text/quantity.h"

static bool visit(void *context, const struct visitor_event *event)
{
	static const char key[] = "recorder.cpu_ns";
	struct cost *cost = context;
	const struct dz_info *row = event->event->row;
	uint64_t start = dz_reader_header(event->file->reader)->boottime_ns;
	struct trace_text name;
	struct trace_text value;
	char number[24];
	uint64_t cpu_ns;

	if (!row || row->time <= start)
		return true;
	name = trace_text(event->file, row->key);
	value = trace_text(event->file, row->value);
	if (name.size != strlen(key) || memcmp(name.bytes, key, name.size) != 0 ||
	    value.size >= sizeof(number))
		return true;
	memcpy(number, value.bytes, value.size);
	number[value.size] = '\0';
	if (!quantity_parse_count(number, UINT64_MAX / 2, &cpu_ns))
		return true;
	cost->cpu_ns += cpu_ns;
	cost->duration_ns += row->time - start;
	return true;
}

struct visitor cost_visitor(struct cost *cost)
{
	return (struct visitor){
		.context = cost,
		.kinds = VISITOR_KIND(DZ_KIND_INFO),
		.visit = visit,
	};
}

void cost_write(const struct cost *cost, const char *before, FILE *out)
{
	if (cost->duration_ns != 0)
		fprintf(out, "%s%.1f %% of one CPU", before,
			100.0 * (double)cost->cpu_ns / (double)cost->duration_ns);
}
