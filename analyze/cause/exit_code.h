/* analyze/cause/exit_code.h - exit codes that are more than a number */
#ifndef ANALYZE_CAUSE_EXIT_CODE_H
#define ANALYZE_CAUSE_EXIT_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyze/cause/cause.h"
#include "analyze/cause/process_table.h"

/* Returns whether a code, 126 or 127, can come from a program that could not be executed. */
bool exit_code_is_of_execution(uint32_t code);

/* Sets what is known about the code in the cause of an exit of `task`. `event` is the exit, `task`
 * a task of its file. The user stack of the cause must be set. */
void exit_code_explain(struct cause *cause, const struct process *process,
		       const struct trace_event *event, const struct dz_task *task);

#endif
