/* record/convert/command_lines.h - the command lines of processes, from the kernel side or from
 * /proc */
#ifndef RECORD_CONVERT_COMMAND_LINES_H
#define RECORD_CONVERT_COMMAND_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

/* With its NUL. What is longer ends with " ...". */
#define COMMAND_LINE_TEXT_MAX (COMMAND_LINE_BYTES + 5)

struct command_lines;

/* A process, as it is called now: under another name it may run another program. */
struct command_line_owner {
	uint64_t process_start_ns; /* CLOCK_BOOTTIME */
	uint32_t pid;
	const char *comm; /* EVENT_COMM_BYTES, padded with NUL */
};

/* `proc` is "/proc", borrowed. NULL without memory. */
struct command_lines *command_lines_new(const char *proc);

/* Takes a record of EVENT_COMMAND_LINE; false if it is not sound. */
bool command_lines_learn(struct command_lines *lines, const void *record, size_t size);

/*
 * The arguments joined by blanks: as the kernel side has told last, or else as /proc shows them the
 * first time that it is asked for this process under this name. NULL if it had none, or is gone.
 * Valid until the next call.
 */
const char *command_lines_find(struct command_lines *lines, const struct command_line_owner *owner);

/* NULL is allowed. */
void command_lines_free(struct command_lines *lines);

#endif
