/* record/stacks/process_scan.h - has the mappings of all processes read, one user after the other
 *
 * Processes are requested in the order of their IDs. Those of a user whose processes took
 * MAPS_READER_USER_NS come after all others, and are read more rarely the longer that takes. So one
 * user does not delay what others need. Belongs to one thread, and waits for nothing.
 */
#ifndef RECORD_STACKS_PROCESS_SCAN_H
#define RECORD_STACKS_PROCESS_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "record/stacks/maps_reader.h"

struct process_scan;

/* Borrows the reader. Returns NULL on allocation failure. */
struct process_scan *process_scan_new(struct maps_reader *reader);
/* NULL is allowed. */
void process_scan_free(struct process_scan *scan);

/* Begins with the first process. Returns false if there is no /proc. */
bool process_scan_begin(struct process_scan *scan, uint64_t now_ns);

/* Requests further processes, as many as the reader takes. */
void process_scan_continue(struct process_scan *scan);

/* Notes the result of a request: REFUSED is asked for again. */
void process_scan_note(struct process_scan *scan, const struct maps_result *result);

/* Has a process read once more at the end; not very many. */
void process_scan_again(struct process_scan *scan, uint32_t pid);

/* Whether not all processes were read yet. */
bool process_scan_is_under_way(const struct process_scan *scan);

/* Returns when the next scan may begin, by the CPU time that this one took so far: without that of
 * users who were put off. */
uint64_t process_scan_next_ns(const struct process_scan *scan);

/* Returns when those of users who were put off may be read; 0: none is left. */
uint64_t process_scan_rest_ns(const struct process_scan *scan);

#endif
