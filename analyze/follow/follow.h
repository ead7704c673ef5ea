/* analyze/follow/follow.h - shows the events of a recording while it is being made */
#ifndef ANALYZE_FOLLOW_FOLLOW_H
#define ANALYZE_FOLLOW_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/follow/journal_records.h"
#include "analyze/replay/selection.h"

struct follow_options {
	const char *path;                  /* of the first file, for messages */
	const struct selection *selection; /* borrowed */
	int socket;                        /* see next_files.h */
	bool is_woken; /* diag-record sends the files, and reports over the socket that they grow */
	uint64_t last_ns; /* start this long before the last event; 0: at the start */
	bool json;        /* instead of lines: every event */
	struct journal_records *journal; /* instead of lines; borrowed; NULL: none */
	bool all;                        /* see struct live_lines_options */
	bool stacks;                     /* in JSON */
	uint8_t boot_id[16];             /* of this machine; all 0: unknown */
	FILE *out;
};

enum follow_status {
	FOLLOW_OK,         /* to the end of the recording */
	FOLLOW_INCOMPLETE, /* the last file was not closed, or a part of a file cannot be read */
	FOLLOW_FAILED,     /* out of memory, or a read or write error: see *ret_problem */
};

/* Follows the files until the recording ends. fd is the first file; takes ownership of it; -1: it
 * comes over the socket, too. *ret_problem is a static text for messages, NULL if there is none. */
enum follow_status follow_run(const struct follow_options *options, int fd,
			      const char **ret_problem);

#endif
