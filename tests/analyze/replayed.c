/* tests/analyze/replayed.c - known traces, loaded and replayed */
#include "tests/analyze/replayed.h"

#include <stdio.h>
#include <stdlib.h>

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "replayed: %s failed\n", what);
	exit(1);
}

struct trace *replayed_file(int fd)
{
	struct trace *trace;

	require(trace_new(&trace), "trace_new()");
	require(trace_add(trace, "test.dz", fd), "trace_add()");
	require(trace_load(trace), "trace_load()");
	return trace;
}

struct trace *replayed_trace(void (*add)(struct scenario *scenario))
{
	int fd = scenario_unnamed_file();
	struct scenario scenario = scenario_begin(fd, 1);

	add(&scenario);
	scenario_close(&scenario);
	return replayed_file(fd);
}

void replayed_show(struct trace *trace, const struct selection *selection, struct visitor visitor)
{
	static const struct selection everything;
	const struct replay replay = {
		.trace = trace,
		.selection = selection ? selection : &everything,
	};

	require(replay_run(&replay, &visitor, 1) == REPLAY_OK, "replay_run()");
}

static bool find_exit(void *context, const struct visitor_event *event)
{
	struct replayed_exit *exit = context;
	const struct dz_exit *row = event->event->row;

	if (!event->task || event->task->pid != exit->pid || !row->thread != !exit->thread)
		return true;
	exit->found = true;
	exit->cause = *event->cause;
	exit->row = *row;
	exit->file = event->file;
	exit->task = event->task;
	return true;
}

struct replayed_exit replayed_exit(struct trace *trace, uint32_t pid, bool thread)
{
	struct replayed_exit exit = {.pid = pid, .thread = thread};

	replayed_show(trace, NULL,
		      (struct visitor){.context = &exit,
				       .kinds = VISITOR_KIND(DZ_KIND_EXIT),
				       .visit = find_exit});
	require(exit.found, "finding an exit");
	return exit;
}

char *replayed_text(void (*write)(FILE *out, void *context), void *context)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	require(out != NULL, "open_memstream()");
	write(out, context);
	require(fclose(out) == 0, "fclose()");
	return text;
}
