/* analyze/report/tables.h - one table of text for each kind of event */
#ifndef ANALYZE_REPORT_TABLES_H
#define ANALYZE_REPORT_TABLES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analyze/replay/visitor.h"

/* Returns the kinds that have a table, in the order in which they are printed; 0 after the last. */
uint32_t tables_kind(size_t number);

struct table {
	FILE *out;
	uint32_t kind;
	bool utc;
	bool dates;            /* the trace spans more than one day */
	bool stacks;           /* print stacks below each row */
	bool no_child_signals; /* leave out SIGCHLD */
	bool headed;           /* private: the head has been written */
	uint64_t left_out;     /* private: rows of SIGCHLD */
};

/* Returns a visitor that writes the rows of table->kind, with a head before the first. It stops on
 * an error of the stream. */
struct visitor table_visitor(struct table *table);

/* Writes how many rows were left out. Call after the replay. */
void table_end(const struct table *table);

#endif
