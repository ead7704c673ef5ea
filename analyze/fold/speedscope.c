/* analyze/fold/speedscope.c - stacks as a JSON file of speedscope */
#include "analyze/fold/speedscope.h"

#include <inttypes.h>
#include <string.h>

#include "text/escape.h"

static void write_string(FILE *out, const char *text, size_t size)
{
	struct escape escape;
	char piece[ESCAPE_PIECE_MAX];
	size_t bytes;

	fputc('"', out);
	escape_begin(&escape, ESCAPE_TERMINAL, text, size);
	while ((bytes = escape_next(&escape, piece)) > 0) {
		/* An escape of several characters starts with a backslash, too. */
		if (piece[0] == '"' || piece[0] == '\\')
			fputc('\\', out);
		fwrite(piece, 1, bytes, out);
	}
	fputc('"', out);
}

static void write_text(const struct stack_table *table, uint32_t number, FILE *out)
{
	size_t size;
	const char *text = byte_set_get(&table->strings, number, &size);

	write_string(out, text, size);
}

static void write_frame(const struct stack_table *table, uint32_t number, FILE *out)
{
	size_t size;
	const struct stack_frame *frame = byte_set_get(&table->frames, number, &size);

	fputs(number > 0 ? ",\n{\"name\":" : "\n{\"name\":", out);
	write_text(table, frame->name, out);
	if (frame->file != 0) {
		fputs(",\"file\":", out);
		write_text(table, frame->file, out);
	}
	if (frame->line != 0)
		fprintf(out, ",\"line\":%" PRIu64, frame->line);
	fputc('}', out);
}

static void write_stack(const struct stack_table *table, uint32_t number, FILE *out)
{
	size_t size;
	const uint32_t *numbers = byte_set_get(&table->stacks, number, &size);
	char separator = '[';

	fputs(number > 0 ? ",\n" : "\n", out);
	for (size_t i = STACK_LABEL_COUNT; i < size / sizeof(*numbers); i++) {
		fprintf(out, "%c%" PRIu32, separator, numbers[i]);
		separator = ',';
	}
	fputc(']', out);
}

static void write_profile(const struct stack_table *table, bool is_time, FILE *out)
{
	fprintf(out,
		"{\"type\":\"sampled\",\"name\":\"%s\",\"unit\":\"%s\",\"startValue\":0,"
		"\"endValue\":%" PRIu64 ",\n\"samples\":[",
		is_time ? "time" : "count", is_time ? "nanoseconds" : "none",
		is_time ? table->total.weight : table->total.events);
	for (size_t i = 0; i < table->stacks.count; i++)
		write_stack(table, (uint32_t)i, out);
	fputs("],\n\"weights\":[", out);
	for (size_t i = 0; i < table->stacks.count; i++)
		fprintf(out, "%s%" PRIu64, i > 0 ? "," : "",
			is_time ? table->sums[i].weight : table->sums[i].events);
	fputs("]}", out);
}

void speedscope_write(const struct stack_table *table, const char *name, FILE *out)
{
	bool has_time = table->unit == FOLD_NANOSECONDS;

	fputs("{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\n"
	      "\"exporter\":\"diag-fold\",\"name\":",
	      out);
	write_string(out, name, strlen(name));
	fprintf(out, ",\"activeProfileIndex\":%d,\n\"shared\":{\"frames\":[", has_time ? 1 : 0);
	for (size_t i = 0; i < table->frames.count; i++)
		write_frame(table, (uint32_t)i, out);
	fputs("]},\n\"profiles\":[\n", out);
	write_profile(table, false, out);
	if (has_time) {
		fputs(",\n", out);
		write_profile(table, true, out);
	}
	fputs("]}\n", out);
}
