/* analyze/rows/rows.h - events as flat rows for databases, one JSON object a line
 *
 * The tables here are the only place that knows names, order and types of the columns: the .sql
 * files that are installed are made from them.
 */
#ifndef ANALYZE_ROWS_ROWS_H
#define ANALYZE_ROWS_ROWS_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/json/json_value.h"
#include "analyze/replay/visitor.h"
#include "analyze/rows/rows_held.h"
#include "analyze/rows/rows_tables.h"

struct rows_phases;

/* What rows are written. */
struct rows {
	const struct rows_table *table;
	struct json_writer writer;  /* private */
	bool out_of_memory;         /* an allocation failed; false: see the stream */
	struct rows_held *held;     /* private */
	struct rows_phases *phases; /* private */
};

/* Makes rows of a table. On allocation failure, the visitor stops. Borrows `out`. */
struct rows rows_new(const struct rows_table *table, FILE *out);

/* Returns table `number`, from 0; NULL after the last. Static. */
const struct rows_table *rows_table_at(size_t number);

/* Returns the table with this name; NULL: none. Static. */
const struct rows_table *rows_table_find(const char *name);

/* Returns a visitor that writes the rows of rows->table. It stops on allocation failure, and if the
 * stream reports an error. Borrows *rows. */
struct visitor rows_visitor(struct rows *rows);

/* Writes what is still held. Returns false on allocation failure, and if the stream reports an
 * error. */
bool rows_finish(struct rows *rows);

/* Frees what the rows allocated. */
void rows_release(struct rows *rows);

/* Writes the SQL of a table: CREATE TABLE, and a view into which lines of rows can be imported. */
void rows_write_sql(const struct rows_table *table, FILE *out);

#endif
