/* text/progress.c - a progress line on a terminal */
#include "text/progress.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#include "text/quantity.h"

#define QUIET_NS    UINT64_C(1000000000)
#define INTERVAL_NS UINT64_C(200000000)

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

void progress_begin(struct progress *progress, FILE *stream, const char *program,
		    uint64_t total_bytes)
{
	*progress = (struct progress){
		.stream = stream,
		.program = program,
		.total_bytes = total_bytes,
		.start_ns = now_ns(),
		.enabled = isatty(fileno(stream)),
	};
	progress->next_ns = progress->start_ns + QUIET_NS;
}

void progress_describe(const struct progress *progress, uint64_t elapsed_ns, uint64_t done_bytes,
		       uint64_t items, char line[static PROGRESS_LINE_MAX])
{
	struct quantity_text done = quantity_of_bytes(done_bytes);
	struct quantity_text count = quantity_of_count(items);
	struct quantity_text total = quantity_of_bytes(progress->total_bytes);
	double share;
	struct quantity_text left;

	if (progress->total_bytes == 0 || done_bytes == 0 || done_bytes > progress->total_bytes) {
		snprintf(line, PROGRESS_LINE_MAX, "%s, %s items", done.text, count.text);
		return;
	}
	share = (double)done_bytes / (double)progress->total_bytes;
	left = quantity_of_duration((uint64_t)((double)elapsed_ns * (1 - share) / share));
	snprintf(line, PROGRESS_LINE_MAX, "%s of %s (%d %%), %s items, %s left", done.text,
		 total.text, (int)(share * 100), count.text, left.text);
}

void progress_update(struct progress *progress, uint64_t done_bytes, uint64_t items)
{
	char line[PROGRESS_LINE_MAX];
	uint64_t now;

	if (!progress->enabled)
		return;
	now = now_ns();
	if (now < progress->next_ns)
		return;
	progress->next_ns = now + INTERVAL_NS;
	progress->drawn = true;
	progress_describe(progress, now - progress->start_ns, done_bytes, items, line);
	fprintf(progress->stream, "\r%s: %s\033[K", progress->program, line);
	fflush(progress->stream);
}

void progress_end(struct progress *progress)
{
	if (!progress->drawn)
		return;
	fputs("\r\033[K", progress->stream);
	fflush(progress->stream);
	progress->drawn = false;
}
