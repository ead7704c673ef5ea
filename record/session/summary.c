/* record/session/summary.c - the lines that diag-record prints at its end */
#include "record/session/summary.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "bpf/event.h"
#include "record/common/message.h"
#include "record/options/options.h"
#include "text/escape.h"
#include "text/quantity.h"

/* Kinds that are counted at the end. */
static const struct {
	uint32_t event; /* enum options_event */
	enum dz_kind kind;
	const char *singular;
	const char *plural;
} kinds[] = {
	{OPTIONS_EXIT, DZ_KIND_EXIT, "exit", "exits"},
	{OPTIONS_SIGNAL, DZ_KIND_SIGNAL, "signal", "signals"},
	{OPTIONS_SECTION, DZ_KIND_SECTION, "section", "sections"},
	{OPTIONS_RUNQ, DZ_KIND_RUNQ, "wait for a CPU", "waits for a CPU"},
	{OPTIONS_CPU, DZ_KIND_CPU, "sum of samples", "sums of samples"},
	{OPTIONS_OFFCPU, DZ_KIND_OFFCPU, "blocked time", "blocked times"},
	{OPTIONS_PROBE, DZ_KIND_PROBE, "probe hit", "probe hits"},
};

/* Writes " (2 crashed, 5 killed)". A flight window has only a part of what was counted. */
static void write_classes(FILE *out, const struct session_result *result)
{
	const uint64_t crashed = result->counts[COUNT_CRASHED];
	const uint64_t killed = result->counts[COUNT_KILLED];

	if (result->is_window || crashed + killed == 0)
		return;
	fputs(" (", out);
	if (crashed)
		fprintf(out, "%s crashed", quantity_exact(crashed).text);
	if (killed)
		fprintf(out, "%s%s killed", crashed ? ", " : "", quantity_exact(killed).text);
	fputc(')', out);
}

static void write_counts(FILE *out, const struct session_result *result)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const uint64_t count = result->rows[kinds[i].kind];

		if (!(result->events & kinds[i].event))
			continue;
		fprintf(out, "%s %s", quantity_exact(count).text,
			count == 1 ? kinds[i].singular : kinds[i].plural);
		if (kinds[i].kind == DZ_KIND_EXIT)
			write_classes(out, result);
		fputs(", ", out);
	}
}

static void print_counts(const struct session_result *result)
{
	const double percent =
		result->duration_ns ? 100.0 * (double)result->cpu_ns / (double)result->duration_ns
				    : 0.0;
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	if (out) {
		write_counts(out, result);
		(void)fclose(out);
	}
	message("%s: %s%s lost, %s, %.1f %% of one CPU", result->path, text,
		quantity_exact(result->lost_count).text, quantity_of_bytes(result->bytes).text,
		percent);
}

/* Writes "lost 5 events: the exit ring of 8.0 MiB", or one of its buffers. */
static void write_full_ring(FILE *out, const struct loss_of_ring *loss)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%s", loss->name);
	for (char *space = strchr(name, '_'); space; space = strchr(space, '_'))
		*space = ' ';
	fprintf(out, "lost %s %s: ", quantity_exact(loss->count).text,
		strcmp(name, "user stack") == 0 ? "user stacks" : "events");
	if (loss->buffer_bytes == loss->ring_bytes)
		fprintf(out, "the %s ring of %s", name, quantity_of_bytes(loss->ring_bytes).text);
	else
		fprintf(out, "a buffer of %s of the %s ring",
			quantity_of_bytes(loss->buffer_bytes).text, name);
}

static void print_full_rings(const struct session_result *result)
{
	for (size_t i = 0; i < result->full_ring_count; i++) {
		const struct loss_of_ring *loss = &result->full_rings[i];
		char text[256] = "";
		FILE *out = fmemopen(text, sizeof(text), "w");

		if (!out)
			return;
		write_full_ring(out, loss);
		(void)fclose(out);
		message("%s was full, within %s: try --ring-size %" PRIu64 "M", text,
			quantity_of_duration(loss->full_ns).text, loss->larger_bytes >> 20);
	}
}

static void print_files(const struct session_result *result)
{
	if (!result->is_named)
		return;
	if (result->kept_count && result->file_count > result->kept_count)
		message("%u files in all, of which the last %u are kept", result->file_count,
			result->kept_count);
	else if (result->file_count > 1)
		message("%u files in all", result->file_count);
}

void summary_print(const struct session_result *result, bool hints)
{
	print_counts(result);
	if (hints && result->is_named) {
		char path[4 * sizeof(result->path) + 1];
		char line[sizeof(path) + 32];

		(void)escape_copy(path, sizeof(path), ESCAPE_TERMINAL, result->path,
				  strlen(result->path));
		(void)snprintf(line, sizeof(line), "  diag-report %s\n", path);
		message_hint(line);
	}
	if (result->limit.text[0])
		message("%s", result->limit.text);
	print_full_rings(result);
	if (result->stacks_dropped)
		message("%s call chains were not made: more than %u %% of a CPU would have been "
			"needed (--unwind-cpu)",
			quantity_exact(result->stacks_dropped).text, result->unwind_percent);
	print_files(result);
}
