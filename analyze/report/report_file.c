/* analyze/report/report_file.c - reports about files instead of events */
#include "analyze/report/report_file.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "analyze/cause/task_text.h"
#include "text/quantity.h"

static void write_path(const struct trace_file *file, FILE *out)
{
	task_text_text(out, (struct trace_text){file->path, strlen(file->path)});
}

static void write_uuid(FILE *out, const char *label, const uint8_t uuid[16])
{
	fprintf(out, "  %-28s", label);
	for (size_t i = 0; i < 16; i++)
		fprintf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
	fputc('\n', out);
}

const char *report_file_machine(uint32_t machine)
{
	switch (machine) {
	case DZ_ARCH_X86_64:
		return "x86-64";
	case DZ_ARCH_AARCH64:
		return "arm64";
	default:
		return "unknown";
	}
}

void report_file_header(const struct trace_file *file, bool utc, FILE *out)
{
	const struct dz_file_header *header = dz_reader_header(file->reader);
	uint64_t first;
	uint64_t last;
	size_t blocks;

	dz_reader_span(file->reader, &first, &last);
	dz_reader_blocks(file->reader, &blocks);
	write_path(file, out);
	fprintf(out, "\n  %-28s%u.%u\n", "format", header->version_major, header->version_minor);
	write_uuid(out, "uuid", header->uuid);
	write_uuid(out, "boot", header->boot_id);
	fprintf(out, "  %-28s%s, %" PRIu32 " CPUs\n", "machine", report_file_machine(header->arch),
		header->cpu_count);
	fprintf(out, "  %-28s%s%s\n", "started", timestamp_date(header->realtime_ns, utc).text,
		utc ? " UTC" : "");
	if (last > header->boottime_ns)
		fprintf(out, "  %-28s%s\n", "last event after",
			timestamp_lifetime(last - header->boottime_ns).text);
	fprintf(out, "  %-28s%s in %zu blocks\n", "size", quantity_of_bytes(file->size_bytes).text,
		blocks);
	fprintf(out, "  %-28s%s\n", "closed", dz_reader_closed(file->reader) ? "yes" : "no");
}

static bool write_note(void *context, const struct visitor_event *event)
{
	const struct report_notes *notes = context;
	const struct dz_info *row = event->event->row;

	if (!row)
		return true;
	fputs("  ", notes->out);
	task_text_column(notes->out, trace_text(event->file, row->key), 27);
	fputc(' ', notes->out);
	task_text_text(notes->out, trace_text(event->file, row->value));
	fputc('\n', notes->out);
	return !ferror(notes->out);
}

struct visitor report_notes_visitor(struct report_notes *notes)
{
	return (struct visitor){
		.context = notes,
		.kinds = VISITOR_KIND(DZ_KIND_INFO),
		.visit = write_note,
	};
}

/* The content of all blocks of one kind. */
struct stored {
	uint64_t bytes;
	uint64_t records;
};

static struct stored sum_stored(const struct trace *trace, uint32_t kind)
{
	const struct trace_file *file;
	struct stored sum = {0};

	for (size_t i = 0; (file = trace_file(trace, i)); i++) {
		const struct dz_block_info *blocks;
		size_t count = 0;

		blocks = file->reader ? dz_reader_blocks(file->reader, &count) : NULL;
		for (size_t at = 0; at < count; at++) {
			if (blocks[at].kind != kind)
				continue;
			sum.bytes += blocks[at].stored_bytes;
			sum.records += blocks[at].records;
		}
	}
	return sum;
}

void report_file_totals(const struct trace *trace, const struct totals *totals, FILE *out)
{
	size_t count;
	const struct dz_kind_schema *kinds = dz_schema_kinds(&count);

	fprintf(out, "%-12s %15s %15s %12s\n", "kind", "records", "selected", "bytes");
	for (size_t i = 0; i < count; i++) {
		struct stored stored = sum_stored(trace, kinds[i].kind);

		if (stored.records == 0)
			continue;
		fprintf(out, "%-12s %15" PRIu64 " ", kinds[i].name, stored.records);
		/* Entries of dictionaries are not selected. */
		if (kinds[i].kind >= DZ_KIND_FIRST_EVENT)
			fprintf(out, "%15" PRIu64 " ", totals->kinds[kinds[i].kind]);
		else
			fprintf(out, "%15s ", "-");
		fprintf(out, "%12" PRIu64 "\n", stored.bytes);
	}
}

static void write_damage(const struct trace_file *file, FILE *out)
{
	size_t count;
	const struct dz_damage *damage = dz_reader_damage(file->reader, &count);

	for (size_t i = 0; i < count; i++) {
		write_path(file, out);
		fprintf(out, ": offset %" PRIu64 ": %" PRIu64 " bytes: %s: %s\n", damage[i].offset,
			damage[i].size_bytes, dz_status_phrase(damage[i].status), damage[i].what);
	}
}

bool report_file_verify(const struct trace_file *file, FILE *out)
{
	enum dz_status status = dz_reader_verify(file->reader);
	size_t blocks;
	size_t damages;

	if (status != DZ_OK)
		return false;
	write_damage(file, out);
	dz_reader_blocks(file->reader, &blocks);
	dz_reader_damage(file->reader, &damages);
	write_path(file, out);
	fprintf(out, ": %zu blocks, %zu damaged places, %s\n", blocks, damages,
		dz_reader_closed(file->reader) ? "closed" : "not closed");
	return true;
}
