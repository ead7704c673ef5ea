/* record/stacks/proc_scan.h - reads from /proc what one process has mapped */
#ifndef RECORD_STACKS_PROC_SCAN_H
#define RECORD_STACKS_PROC_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "record/stacks/mapped_file_cache.h"
#include "record/stacks/process_maps.h"
#include "symbols/status.h"

/* Reads start, number of threads and mappings; NOT_FOUND for a process that has no memory of its
 * own or is gone. The caller releases ret_found->set. */
MUST_CHECK enum symbols_status proc_scan_process(uint32_t pid, struct mapped_file_cache *keeper,
						 struct mapping_account *account,
						 struct process_found *ret_found);

/* Whether no thread of the process is left that could still map or run anything. */
bool proc_scan_is_gone(uint32_t pid);

#endif
