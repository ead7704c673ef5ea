/* analyze/lines/line_broker.h - a process that reads debug files for a sandboxed process
 *
 * The broker can open the directories that the user named. It accepts only build IDs and addresses,
 * and never reads a trace. For each debug file it starts a child without any privilege.
 */
#ifndef ANALYZE_LINES_LINE_BROKER_H
#define ANALYZE_LINES_LINE_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/debug_lines.h"

/* For all questions of one broker. */
#define LINE_BROKER_TIME_LIMIT_MS 60000u

struct line_broker_places {
	const char *const *directories;
	size_t directory_count;
	bool debuginfod; /* also ask the servers in DEBUGINFOD_URLS */
};

struct line_broker {
	int fd;
	int process;
};

/*
 * Starts the broker. Call before entering the sandbox. On success, the caller must call
 * line_broker_stop(). On failure prints the reason and returns false.
 */
bool line_broker_start(const char *program, const struct line_broker_places *places,
		       struct line_broker *ret_broker);

/*
 * Finds the functions and lines of at most DEBUG_LINES_ADDRESSES_MAX addresses of the file with a
 * build ID. Returns as debug_lines_find() does. Returns SYMBOLS_TIMEOUT also after
 * LINE_BROKER_TIME_LIMIT_MS, and SYMBOLS_IO if the broker has ended.
 */
enum symbols_status line_broker_ask(const struct line_broker *broker,
				    const struct debug_lines_query *query,
				    struct debug_lines *ret_lines);

/* Ends the broker. With `wait`, waits until it has ended, which a sandboxed process cannot. */
void line_broker_stop(struct line_broker *broker, bool wait);

#endif
