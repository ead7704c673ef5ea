/* record/convert/command_lines.h - command lines of processes, from BPF programs or /proc */
#ifndef RECORD_CONVERT_COMMAND_LINES_H
#define RECORD_CONVERT_COMMAND_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

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

/* Copies a record of EVENT_COMMAND_LINE. Returns false if it breaks the protocol. */
bool command_lines_learn(struct command_lines *lines, const void *record, size_t size);

/* Sets the time of the event whose processes are looked up next. */
void command_lines_set_time(struct command_lines *lines, uint64_t time_ns);

/* Returns the arguments joined by spaces. They are those of the last record of the process; of the
 * one before if the last one is from after the event. Without a record they are read from /proc,
 * once for each process and name. Returns NULL if the process has no arguments or is gone. Valid
 * until the next call. */
const char *command_lines_find(struct command_lines *lines, const struct command_line_owner *owner);

/* NULL is allowed. */
void command_lines_free(struct command_lines *lines);

#endif
