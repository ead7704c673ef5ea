/* tests/analyze/replayed.h - known traces, loaded and replayed */
#ifndef TESTS_ANALYZE_REPLAYED_H
#define TESTS_ANALYZE_REPLAYED_H

#include "analyze/replay/replay.h"
#include "tests/analyze/scenario.h"

/* Writes a scenario and loads it as a trace, which the caller frees. Exits on failure. */
struct trace *replayed_trace(void (*add)(struct scenario *scenario));

/* Loads a file as a trace, which the caller frees. Takes ownership of the descriptor. Exits on
 * failure.
 */
struct trace *replayed_file(int fd);

/* Calls a visitor for every selected event; NULL selects every event. Exits on failure. */
void replayed_show(struct trace *trace, const struct selection *selection, struct visitor visitor);

/* Result of replayed_exit(). The pointers are borrowed from the trace. */
struct replayed_exit {
	uint32_t pid; /* to look for */
	bool thread;  /* to look for */
	bool found;
	struct cause cause;
	struct dz_exit row;
	const struct trace_file *file;
	const struct dz_task *task;
};

/* Returns the last exit of the process with this pid, with its cause. `thread`: of one of its
 * threads that was not the last. Exits if there is none. */
struct replayed_exit replayed_exit(struct trace *trace, uint32_t pid, bool thread);

/* Returns the text that a function wrote. The caller frees it. Exits on failure. */
char *replayed_text(void (*write)(FILE *out, void *context), void *context);

#endif
