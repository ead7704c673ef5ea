/* analyze/trace/trace.h - one or more .dz files as one sequence of events in time order
 *
 * Order of use: trace_new(), trace_add() for each file, then trace_load(). trace_load() is the
 * first function that reads the bytes of a file. A program enters its sandbox before it.
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

/* One input file. */
struct trace_file {
	const char *path;
	struct dz_reader *reader; /* NULL: no part of the file is readable */
	uint64_t size_bytes;
	uint32_t boot;             /* equal for files with the same boot id */
	uint32_t recording;        /* equal for the files of one recording that was rotated */
	uint64_t command_pid;      /* of the COMMAND that was recorded; 0: none, or unknown */
	uint64_t command_start_ns; /* CLOCK_BOOTTIME of its execve() */
};

struct trace_event {
	const struct trace_file *file; /* that the references of the event belong to */
	uint64_t unix_ns;
	struct dz_event event;
};

/* Sets the members about the COMMAND from the reader, for a file that was opened without a trace.
 */
void trace_file_describe(struct trace_file *file);

enum trace_status {
	TRACE_OK,
	TRACE_END,
	TRACE_FAILED, /* out of memory or a read error: see trace_problem() */
};

/* Creates a trace without files. Returns false on allocation failure. */
bool trace_new(struct trace **ret_trace);

/* Adds a file. Takes ownership of the descriptor, also on failure, and borrows `path`. -1: see
 * trace_set_opener(). Returns false on allocation failure. */
bool trace_add(struct trace *trace, const char *path, int fd);

/* Opens a file by its number, from 0 in the order of trace_add(). Returns a descriptor, which the
 * trace owns, or -1 with errno. */
typedef int trace_opener(void *context, size_t number);

/* Sets how files that were added with descriptor -1 are opened. They are open only while they are
 * read: at most TRACE_OPEN_MAX of them. */
void trace_set_opener(struct trace *trace, trace_opener *opener, void *context);

#define TRACE_OPEN_MAX 64u

/* Returns the size of all files together. A file of unknown size counts as 0. */
uint64_t trace_size_bytes(const struct trace *trace);

/* Opens every file. A file without a readable part is a problem, not a failure. Returns false only
 * on allocation failure. */
bool trace_load(struct trace *trace);

/* Returns the bytes of file `number`, which must be readable; NULL after the last file. Valid until
 * trace_free(). */
const struct dz_source *trace_source(const struct trace *trace, size_t number);

/* Reads the events of file `number`, which must be readable, from `fd` instead: a copy of the file
 * with more in it. Problems are still those of the file itself. Takes ownership of the descriptor,
 * also on failure. */
enum dz_status trace_substitute(struct trace *trace, size_t number, int fd);

/* Returns whether at least one file is readable. */
bool trace_is_readable(const struct trace *trace);

/* Starts again at the first event of these kinds (bit n: kind n; 0: all). Parts of the files that
 * hold only events outside of *range are not read; NULL: all are read. Borrows *rows, as
 * dz_reader_rewind() does; NULL, and if files overlap in time: all rows. Must be called before the
 * first trace_next(). */
enum trace_status trace_rewind(struct trace *trace, uint64_t kinds, const struct time_range *range,
			       const struct dz_row_filter *rows);

/* Returns whether a file can hold an event of this kind before a time. */
bool trace_has_before(const struct trace *trace, uint32_t kind, uint64_t unix_ns);

/* Returns the next event of all files, in the order of real time. An event that several files of
 * one boot hold is returned once. *ret_event is valid until the next call. */
enum trace_status trace_next(struct trace *trace, struct trace_event *ret_event);

/* Returns how many events were not returned because another file had the same: the
 * most of any pass. */
uint64_t trace_duplicates(const struct trace *trace);

/* Returns file `number`, from 0 in the order of trace_add(); NULL after the last. */
const struct trace_file *trace_file(const struct trace *trace, size_t number);

/* Returns whether a task belongs to the process of the COMMAND; false for NULL, and if the file
 * does not hold process id and start of the COMMAND. */
bool trace_is_command(const struct trace_file *file, const struct dz_task *task);

/* Returns when the program of a process started: for the COMMAND its execve(), as the recorder made
 * its process before that; otherwise the start of the process. 0: unknown. */
uint64_t trace_program_start(const struct trace_file *file, const struct dz_task *task);

/* Returns the ELF machine whose numbers the system calls of an event have. `compat` is the field of
 * the event. */
uint32_t trace_call_machine(const struct trace_file *file, uint64_t compat);

/* Returns the time from the start of the first recording to the last event. Both are 0 if no file
 * is readable. */
struct time_range trace_span(const struct trace *trace);

/*
 * Collects the problems of the files, as far as the files have been read. trace_problem() returns
 * problem `number`, from 0, and NULL after the last. A problem is valid until the next
 * trace_collect_problems(), which returns false on allocation failure.
 */
bool trace_collect_problems(struct trace *trace);
const struct input_problem *trace_problem(const struct trace *trace, size_t number);

/* Returns whether a function has returned TRACE_FAILED. The last problem is then the reason. */
bool trace_has_failed(const struct trace *trace);

/* A string of a file. Valid until trace_free(). */
struct trace_text {
	const char *bytes; /* of any value, not NUL-terminated */
	size_t size;
};

/* Returns the string that `id`, a reference to kind string, refers to. It is empty for 0 and for a
 * string lost to damage, but its `bytes` are never NULL. */
struct trace_text trace_text(const struct trace_file *file, uint64_t id);

/* Returns the name of a process, a reference to kind string: that of its first thread, or of the
 * thread itself if the first is unknown. 0 if both are unknown. */
uint64_t trace_process_comm(const struct dz_task *task);

/* Compares as memcmp(). If one text is the start of the other, the shorter one comes first. The
 * `bytes` of an empty text can be NULL. */
int trace_text_compare(struct trace_text left, struct trace_text right);

/* Closes the files and frees the trace. NULL is allowed. */
void trace_free(struct trace *trace);

#endif
