/* analyze/report/left_out.c - hits of a probe that the recorder was asked to leave out */
#include "analyze/report/left_out.h"

#include <string.h>

#include "analyze/cause/task_text.h"
#include "text/quantity.h"

static const struct {
	const char *prefix; /* of the key; the probe's name follows */
	const char *option;
} facts[LEFT_OUT_FACTS] = {
	[LEFT_OUT_OF] = {"probe.hits.", NULL},
	[LEFT_OUT_BY_EVERY] = {"probe.skipped_every.", "--every"},
	[LEFT_OUT_BY_RATE] = {"probe.skipped_rate.", "--max-per-second"},
	[LEFT_OUT_AS_QUICK] = {"probe.skipped_min_latency.", "--min-latency"},
};

bool left_out_parse(struct trace_text key, enum left_out_fact *ret_fact,
		    struct trace_text *ret_probe)
{
	for (size_t i = 0; i < LEFT_OUT_FACTS; i++) {
		size_t size = strlen(facts[i].prefix);

		if (key.size <= size || memcmp(key.bytes, facts[i].prefix, size) != 0)
			continue;
		*ret_fact = (enum left_out_fact)i;
		*ret_probe = (struct trace_text){key.bytes + size, key.size - size};
		return true;
	}
	return false;
}

static struct dz_bytes start_of(const struct trace_file *file)
{
	return file->reader ? dz_reader_info(file->reader, "recorder.start_cpu_ns")
			    : (struct dz_bytes){0};
}

/* Of the files of a recording the first one tells what its start took; of windows each does. */
static bool is_of_same_recording(const struct trace_file *before, const struct trace_file *file)
{
	const struct dz_bytes start = start_of(file), other = start_of(before);

	if (before == file)
		return true;
	return before->boot == file->boot &&
	       (start.size == 0 ||
		(start.size == other.size && memcmp(start.data, other.data, start.size) == 0));
}

/* A file tells of all hits first, and of what was left out only if that is not 0. */
void left_out_learn(struct left_out *left_out, const struct trace_file *file,
		    enum left_out_fact fact, struct trace_text value)
{
	char number[24];
	uint64_t count;

	if (value.size >= sizeof(number))
		return;
	memcpy(number, value.bytes, value.size);
	number[value.size] = '\0';
	if (!quantity_parse_count(number, UINT64_MAX, &count))
		return;
	left_out->is_ambiguous |= left_out->file && !is_of_same_recording(left_out->file, file);
	if (fact == LEFT_OUT_OF) {
		left_out->is_ambiguous |= count < left_out->counts[fact];
		memset(left_out->counts, 0, sizeof(left_out->counts));
	}
	left_out->counts[fact] = count;
	left_out->file = file;
}

void left_out_write(const struct left_out *left_out, FILE *out)
{
	const char *before = "    left out: ";

	if (left_out->is_ambiguous)
		return;
	for (size_t i = LEFT_OUT_BY_EVERY; i < LEFT_OUT_FACTS; i++) {
		if (left_out->counts[i] == 0)
			continue;
		fprintf(out, "%s%s by %s", before, quantity_exact(left_out->counts[i]).text,
			facts[i].option);
		before = ", ";
	}
	if (*before != ',')
		return;
	fputs("; of ", out);
	task_text_count(out, left_out->counts[LEFT_OUT_OF], "hit");
	fputs(" since the recording began\n", out);
}
