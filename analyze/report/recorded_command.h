/* analyze/report/recorded_command.h - the COMMAND that a recording was made of */
#ifndef ANALYZE_REPORT_RECORDED_COMMAND_H
#define ANALYZE_REPORT_RECORDED_COMMAND_H

#include <stdint.h>

#include "analyze/trace/ancestors.h"
#include "analyze/trace/trace.h"

/* Returns the process id of the COMMAND; 0 if there is none or the file does not hold it. */
uint64_t recorded_command_pid(const struct trace_file *file);

/* Returns the first file of a recording of a COMMAND and what it started; NULL if there is none. */
const struct trace_file *recorded_command_file(const struct trace *trace);

/* Returns the arguments of the COMMAND, or at least its first word; empty if the file does not hold
 * them. */
struct trace_text recorded_command_words(const struct trace_file *file);

/* Returns the ancestors of a task up to the COMMAND. The recorder, which started it, and what is
 * above it are left out. NULL has none. */
struct ancestor_list recorded_command_ancestors(const struct trace_file *file,
						const struct dz_task *task);

#endif
