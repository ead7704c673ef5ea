/* analyze/cause/exit_code.h - exit codes that are more than a number */
#ifndef ANALYZE_CAUSE_EXIT_CODE_H
#define ANALYZE_CAUSE_EXIT_CODE_H

#include "analyze/cause/cause.h"
#include "analyze/cause/process_table.h"

/* Sets code, never_executed and child of the cause of an exit of `task`, a task of `file`. */
void exit_code_explain(struct cause *cause, const struct process *process,
		       const struct trace_file *file, const struct dz_task *task);

#endif
