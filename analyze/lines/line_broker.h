/* analyze/lines/line_broker.h - a process that looks into debug files for one that has locked
 * itself in
 *
 * It knows the directories that a person named, and takes nothing but build-ids and addresses. It
 * never reads a trace, and starts a child without any rights for each debug file.
 */
#ifndef ANALYZE_LINES_LINE_BROKER_H
#define ANALYZE_LINES_LINE_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/debug_lines.h"

/* For all questions together. */
#define LINE_BROKER_TIME_LIMIT_MS 60000u

struct line_broker_places {
	const char *const *directories;
	size_t directory_count;
	bool debuginfod; /* ask the servers of DEBUGINFOD_URLS, too */
};

struct line_broker {
	int fd;
	int process;
};

/* Before the program locks itself in. Prints why it cannot and returns false. */
bool line_broker_start(const char *program, const struct line_broker_places *places,
		       struct line_broker *ret_broker);

/*
 * Functions and lines of at most DEBUG_LINES_ADDRESSES_MAX addresses of the file with a build-id.
 * As debug_lines_find(); TIMEOUT also when the time for all questions is over; IO if the broker is
 * gone.
 */
enum symbols_status line_broker_ask(const struct line_broker *broker,
				    const struct debug_lines_query *query,
				    struct debug_lines *ret_lines);

/* Only who has not locked itself in can wait for its end. */
void line_broker_stop(struct line_broker *broker, bool wait);

#endif
