/* analyze/rows/rows_tables.h - the columns of all tables of rows */
#ifndef ANALYZE_ROWS_ROWS_TABLES_H
#define ANALYZE_ROWS_ROWS_TABLES_H

#include <stddef.h>

#include "analyze/json/json_value.h"
#include "analyze/replay/visitor.h"

/* A column: how its value is appended. */
struct rows_column {
	const char *name;
	const char *type; /* TEXT or INTEGER, of SQL */
	/* Appends the member, or nothing if the value is unknown. */
	void (*put)(struct json_writer *writer, const struct visitor_event *event,
		    const struct rows_column *column);
	size_t offset; /* of the field in the row, if `put` reads one */
};

/* A table. */
struct rows_table {
	const char *name; /* exits, signals, ... */
	uint32_t kind;
	const struct rows_column *columns;
	size_t column_count;
	/* For rows that are completed by later events: the first column that is known then, and the
	 * one after the last. 0: none. */
	size_t late_first, late_end;
};

/* Columns that are known only when a later event comes. They are appended one after the other, in
 * the order of the table. */
struct rows_late_signal {
	const struct dz_delivery *delivery;
	uint64_t pending_ns;
	bool is_pending_known;
};

/* Appends handled, pending_ns and killed. */
void rows_tables_put_delivery(struct json_writer *writer, const struct rows_late_signal *late);

/* Sums of the phases of a section. */
struct rows_phase_sums {
	uint64_t user_ns, kernel_ns, fault_ns, interrupt_ns, runnable_ns, blocked_ns;
	uint64_t worst_ns;
	uint64_t worst_call; /* reference to kind string */
};

/* Appends the columns from user_ns to worst_call. */
void rows_tables_put_sums(struct json_writer *writer, const struct trace_file *file,
			  const struct rows_phase_sums *sums);

/* All tables. */
extern const struct rows_table rows_tables[];
extern const size_t rows_table_count;

#endif
