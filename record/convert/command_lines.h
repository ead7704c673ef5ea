/* record/convert/command_lines.h - command lines of processes, from BPF programs or /proc */
#ifndef RECORD_CONVERT_COMMAND_LINES_H
#define RECORD_CONVERT_COMMAND_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/stacks/file_reader.h"

/* Including the NUL. A longer command line ends with " ...". */
#define COMMAND_LINE_TEXT_MAX (COMMAND_LINE_BYTES + 5)

struct command_lines;

/* A process with its current name: under another name it may run another program. */
struct command_line_owner {
	uint64_t process_start_ns; /* CLOCK_BOOTTIME */
	uint32_t pid;
	const char *comm; /* EVENT_COMM_BYTES, NUL-padded */
};

/* `proc` is "/proc", borrowed; NULL: nothing is read there. Returns NULL on allocation failure. */
struct command_lines *command_lines_new(const char *proc);

/* From now on a helper process reads below /proc: a process can hold up such a read for as long as
 * it holds the lock of its memory. Borrows the reader. */
void command_lines_use_reader(struct command_lines *lines, struct file_reader *reader);

/* Has the command line read unless it is known, and does not wait: with a reader. */
void command_lines_request(struct command_lines *lines, const struct command_line_owner *owner);

/* Returns the number of requests so far. */
uint64_t command_lines_requested(const struct command_lines *lines);

/* Whether the first `requested` ones have their answers. Each takes at most FILE_READER_WAIT_NS,
 * after those before it. */
bool command_lines_are_answered(struct command_lines *lines, uint64_t requested);

/* Returns how often command_lines_find() returned NULL because the answer had not come yet. */
uint64_t command_lines_unknown(const struct command_lines *lines);

/* Copies a record of EVENT_COMMAND_LINE. Returns false if it breaks the protocol. */
bool command_lines_learn(struct command_lines *lines, const void *record, size_t size);

/* Sets the time of the event whose processes are looked up next. */
void command_lines_set_time(struct command_lines *lines, uint64_t time_ns);

/* Returns the arguments joined by spaces. They are those of the last record of the process; of the
 * one before if the last one is from after the event. Without a record they are read from /proc,
 * once for each process and name, or thrice if the helper process is late. Returns NULL if the
 * process has no arguments or is gone; with a reader also before its answer. Valid until the next
 * call. */
const char *command_lines_find(struct command_lines *lines, const struct command_line_owner *owner);

/* NULL is allowed. */
void command_lines_free(struct command_lines *lines);

#endif
