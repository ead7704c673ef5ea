/* tests/analyze/replayed.h - known traces, loaded and shown to visitors */
#ifndef TESTS_ANALYZE_REPLAYED_H
#define TESTS_ANALYZE_REPLAYED_H

#include "analyze/replay/replay.h"
#include "tests/analyze/scenario.h"

/* Writes a scenario and loads it as a trace, which the caller frees. Ends the program if that
 * fails. */
struct trace *replayed_trace(void (*add)(struct scenario *scenario));

/* Loads what is in a file; takes the descriptor over. */
struct trace *replayed_file(int fd);

/* Shows every event that is selected to one visitor. Ends the program if that fails. */
void replayed_show(struct trace *trace, const struct selection *selection, struct visitor visitor);

/* What the visitors of replayed_exit() and replayed_text() found. The texts live as long as the
 * trace. */
struct replayed_exit {
	uint32_t pid; /* to look for */
	bool thread;  /* to look for */
	bool found;
	struct cause cause;
	struct dz_exit row;
	const struct trace_file *file;
	const struct dz_task *task;
};

/* The last exit of a process with this pid, and why. */
struct replayed_exit replayed_exit(struct trace *trace, uint32_t pid, bool thread);

/* The whole of what a function wrote, NUL-terminated; the caller frees it. */
char *replayed_text(void (*write)(FILE *out, void *context), void *context);

#endif
