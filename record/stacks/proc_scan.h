/* record/stacks/proc_scan.h - reads the mappings of a process from /proc */
#ifndef RECORD_STACKS_PROC_SCAN_H
#define RECORD_STACKS_PROC_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "record/stacks/mapped_file_cache.h"
#include "record/stacks/process_maps.h"
#include "symbols/status.h"

/* For this process, and where there is no helper process that reads (maps_reader.h): the calling
 * thread waits for the lock of the process's memory. Reads start time, number of threads and
 * mappings. Returns NOT_FOUND if the process has ended or has no user memory. The caller must
 * release ret_found->set. */
MUST_CHECK enum symbols_status proc_scan_process(uint32_t pid, struct mapped_file_cache *files,
						 struct mapping_account *account,
						 struct process_found *ret_found);

/* Replaces each file by the shared one of the cache, which opens it. For the thread of the cache.
 */
void proc_scan_intern(struct mappings *mappings, struct mapped_file_cache *files, uint64_t now_ns);

/* Returns whether a process whose first thread has ended has no other thread left. */
bool proc_scan_is_gone(uint32_t pid);

#endif
