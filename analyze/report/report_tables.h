/* analyze/report/report_tables.h - the report as tables: all events of each kind */
#ifndef ANALYZE_REPORT_REPORT_TABLES_H
#define ANALYZE_REPORT_REPORT_TABLES_H

#include <stdbool.h>

#include "analyze/replay/totals.h"
#include "analyze/report/report_request.h"

/* Writes a head and the tables of all selected kinds. Returns false on allocation failure. */
bool report_tables_write(const struct report *report);

/* Writes sections, probes, waits for a CPU, or samples, if the trace has any: in full, or, if
 * `brief`, in some lines. Returns false on allocation failure. */
bool report_tables_write_sections(const struct report *report, const struct totals *totals,
				  bool brief);
bool report_tables_write_probes(const struct report *report, const struct totals *totals,
				bool brief);
bool report_tables_write_runq(const struct report *report, const struct totals *totals, bool brief);
bool report_tables_write_time(const struct report *report, const struct totals *totals);
bool report_tables_write_cpu(const struct report *report, const struct totals *totals, bool brief);

#endif
