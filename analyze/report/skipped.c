/* analyze/report/skipped.c - hits, waits and samples that the recorder skipped on request */
#include "analyze/report/skipped.h"

#include <string.h>

#include "analyze/cause/task_text.h"
#include "text/quantity.h"

static const struct {
	const char *prefix; /* of the key; the probe's name follows */
	const char *option;
} keys[SKIPPED_COUNTS] = {
	[SKIPPED_OF_HITS] = {"probe.hits.", NULL},
	[SKIPPED_EVERY] = {"probe.skipped_every.", "--every"},
	[SKIPPED_RATE] = {"probe.skipped_rate.", "--max-per-second"},
	[SKIPPED_LATENCY] = {"probe.skipped_min_latency.", "--min-latency"},
};

bool skipped_parse(struct trace_text key, enum skipped_count *ret_count,
		   struct trace_text *ret_probe)
{
	for (size_t i = 0; i < SKIPPED_COUNTS; i++) {
		size_t size = strlen(keys[i].prefix);

		if (key.size <= size || memcmp(key.bytes, keys[i].prefix, size) != 0)
			continue;
		*ret_count = (enum skipped_count)i;
		*ret_probe = (struct trace_text){key.bytes + size, key.size - size};
		return true;
	}
	return false;
}

bool skipped_parse_event(struct trace_text key, const char *event, enum skipped_count *ret_count)
{
	static const char *const names[] = {
		[SKIPPED_OF_HITS] = ".hits",
		[SKIPPED_EVERY] = ".skipped_every",
		[SKIPPED_RATE] = ".skipped_rate",
	};
	const size_t size = strlen(event);

	if (key.size <= size || memcmp(key.bytes, event, size) != 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (key.size - size != strlen(names[i]) ||
		    memcmp(key.bytes + size, names[i], key.size - size) != 0)
			continue;
		*ret_count = (enum skipped_count)i;
		return true;
	}
	return false;
}

void skipped_see(struct skipped *skipped, const char *event, const struct trace_file *file,
		 const struct dz_info *row)
{
	enum skipped_count count;

	if (row && skipped_parse_event(trace_text(file, row->key), event, &count))
		skipped_add(skipped, file, count, trace_text(file, row->value));
}

static struct dz_bytes start_of(const struct trace_file *file)
{
	return file->reader ? dz_reader_info(file->reader, "recorder.start_cpu_ns")
			    : (struct dz_bytes){0};
}

/* Of the files of a rotated recording only the first one holds the cost of its start. Each file of
 * a flight recording holds it. */
static bool is_of_same_recording(const struct trace_file *before, const struct trace_file *file)
{
	const struct dz_bytes start = start_of(file), other = start_of(before);

	if (before == file)
		return true;
	return before->boot == file->boot &&
	       (start.size == 0 ||
		(start.size == other.size && memcmp(start.data, other.data, start.size) == 0));
}

/* A file holds the count of all hits first, then the counts of skipped hits that are not 0. */
void skipped_add(struct skipped *skipped, const struct trace_file *file, enum skipped_count count,
		 struct trace_text value)
{
	char digits[24];
	uint64_t number;

	if (value.size >= sizeof(digits))
		return;
	memcpy(digits, value.bytes, value.size);
	digits[value.size] = '\0';
	if (!quantity_parse_count(digits, UINT64_MAX, &number))
		return;
	skipped->is_ambiguous |= skipped->file && !is_of_same_recording(skipped->file, file);
	if (count == SKIPPED_OF_HITS) {
		skipped->is_ambiguous |= number < skipped->counts[count];
		memset(skipped->counts, 0, sizeof(skipped->counts));
	}
	skipped->counts[count] = number;
	skipped->file = file;
}

void skipped_write(const struct skipped *skipped, FILE *out)
{
	const char *before = "    skipped: ";

	if (skipped->is_ambiguous)
		return;
	for (size_t i = SKIPPED_EVERY; i < SKIPPED_COUNTS; i++) {
		if (skipped->counts[i] == 0)
			continue;
		fprintf(out, "%s%s by %s", before, quantity_exact(skipped->counts[i]).text,
			keys[i].option);
		before = ", ";
	}
	if (*before != ',')
		return;
	fputs("; of ", out);
	task_text_count(out, skipped->counts[SKIPPED_OF_HITS], "hit");
	fputs(" since the recording began\n", out);
}

void skipped_write_brief(const struct skipped *skipped, FILE *out)
{
	bool is_none = true;

	if (skipped->is_ambiguous || !skipped->file)
		return;
	for (size_t i = SKIPPED_EVERY; i < SKIPPED_COUNTS; i++) {
		if (skipped->counts[i] == 0)
			continue;
		fprintf(out, ", %s skipped by %s", quantity_exact(skipped->counts[i]).text,
			keys[i].option);
		is_none = false;
	}
	if (is_none)
		fputs(", none skipped", out);
}
