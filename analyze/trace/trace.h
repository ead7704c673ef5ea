/* analyze/trace/trace.h - one or more .dz files as one sequence of events in order of time
 *
 * Order of use: trace_new(), trace_add() for each file, then trace_load(), which is the first to
 * look at the bytes of a file: a program locks itself in between the two.
 */
#ifndef ANALYZE_TRACE_TRACE_H
#define ANALYZE_TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/trace/input_problem.h"
#include "analyze/trace/timestamp.h"
#include <dz/reader.h>

struct trace;

/* One input. */
struct trace_file {
	const char *path;
	struct dz_reader *reader; /* NULL if nothing of it could be read */
	uint64_t size_bytes;
	uint32_t boot; /* the same number for files recorded since the same start of a machine */
};

struct trace_event {
	const struct trace_file *file; /* whose ids the event's are */
	uint64_t unix_ns;
	struct dz_event event;
};

enum trace_status {
	TRACE_OK,
	TRACE_END,
	TRACE_FAILED, /* no memory, or the input cannot be read any more; trace_problem() tells */
};

/* False without memory. */
bool trace_new(struct trace **ret_trace);

/* Takes the descriptor over, also on failure; path is borrowed. False without memory. */
bool trace_add(struct trace *trace, const char *path, int fd);

/* Of all files together; 0 for those whose size cannot be told. */
uint64_t trace_size_bytes(const struct trace *trace);

/* Opens every file. A file of which nothing can be read is a problem, not a failure; false only
 * without memory. */
bool trace_load(struct trace *trace);

/* The bytes of a file that could be loaded; NULL after the last. Valid as long as the trace. */
const struct dz_source *trace_source(const struct trace *trace, size_t number);

/* Takes the events of a file that could be loaded from another one, a copy with more in it. What is
 * wrong with the file is still told of itself. Takes the descriptor over, also on failure. */
enum dz_status trace_substitute(struct trace *trace, size_t number, int fd);

/* True if at least one file can be read. */
bool trace_is_readable(const struct trace *trace);

/* Starts (again) from the first event of the given kinds (bit n: kind n; 0: all). Call it before
 * the first trace_next(), too. */
enum trace_status trace_rewind(struct trace *trace, uint64_t kinds);

/* *ret_event is valid until the next call. */
enum trace_status trace_next(struct trace *trace, struct trace_event *ret_event);

/* One after the other from 0, in the order of trace_add(); NULL after the last. */
const struct trace_file *trace_file(const struct trace *trace, size_t number);

/* From the start of the first recording to the last event; both 0 if nothing could be read. */
struct time_range trace_span(const struct trace *trace);

/*
 * Collects what is wrong with the files, as far as they have been read; trace_problem() gives it,
 * one after the other from 0, NULL after the last, until the next trace_collect_problems(). False
 * without memory.
 */
bool trace_collect_problems(struct trace *trace);
const struct input_problem *trace_problem(const struct trace *trace, size_t number);

/* True after TRACE_FAILED: then the last problem tells why. */
bool trace_has_failed(const struct trace *trace);

/* A string of a file as characters. Valid as long as the trace. */
struct trace_text {
	const char *bytes; /* any value, not NUL-terminated */
	size_t size;
};

/* Of a reference to kind string; empty, never without bytes, for 0 and for what is lost to damage.
 */
struct trace_text trace_text(const struct trace_file *file, uint64_t id);

/* Less than, equal to or greater than 0, as memcmp(); of two that begin alike the shorter one comes
 * first. An empty text may have no bytes. */
int trace_text_compare(struct trace_text left, struct trace_text right);

/* Closes the files. NULL is allowed. */
void trace_free(struct trace *trace);

#endif
