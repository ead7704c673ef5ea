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

/* A table as cells, for other outputs. */
struct table_column {
	const char *head;
	bool is_number; /* aligned to the right */
	bool varies; /* names one process, or a duration: differs between events that are alike */
};

/* Returns the title of a kind of tables_kind(), the number of its columns after the time, and a
 * column. Static. */
const char *tables_title(uint32_t kind);
size_t tables_column_count(uint32_t kind);
struct table_column tables_column(uint32_t kind, size_t column);

/* Writes one cell of an event of this kind, possibly with spaces around it. */
void tables_write_cell(uint32_t kind, size_t column, const struct visitor_event *event, FILE *out);

/* Whether an event is about SIGCHLD, which tables leave out. */
bool tables_is_child_signal(const struct visitor_event *event);

#endif
