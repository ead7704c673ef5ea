/* analyze/report/quiet_signals.h - signals that killed no process, by kind */
#ifndef ANALYZE_REPORT_QUIET_SIGNALS_H
#define ANALYZE_REPORT_QUIET_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"
#include "text/layout.h"

struct quiet_signals;

/* `child_signals`: count SIGCHLD too. Returns NULL on allocation failure. */
struct quiet_signals *quiet_signals_new(bool child_signals);

/* Returns a visitor that counts signals by number, sender, receiver and result. It stops on
 * allocation failure. */
struct visitor quiet_signals_visitor(struct quiet_signals *signals);

/* Writes "signals that killed no process: 14 of 3 kinds (-e signal)" and no line end. Returns false
 * and writes nothing if there are none. */
bool quiet_signals_write_line(const struct quiet_signals *signals, FILE *out);

struct quiet_signals_style {
	const struct layout *layout;
	size_t top; /* kinds that are written; 0: all */
	bool utc;
};

/* Writes the kinds as a table: signals of processes first. Returns false on allocation failure. */
bool quiet_signals_write(const struct quiet_signals *signals,
			 const struct quiet_signals_style *style, FILE *out);

/* Frees everything. NULL is allowed. */
void quiet_signals_free(struct quiet_signals *signals);

#endif
