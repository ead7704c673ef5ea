/* record/session/session_convert.h - the conversion of a session: from records of rings to rows
 *
 * Functions that return bool set *ret_problem and return false on failure. session_convert_close()
 * must follow in any case.
 */
#ifndef RECORD_SESSION_SESSION_CONVERT_H
#define RECORD_SESSION_SESSION_CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "record/session/session_state.h"

/* Starts to record mmap events and to unwind, unless the options exclude user stacks. Call before
 * the BPF programs are attached. Borrows the reader. */
bool session_convert_open_stacks(struct session_convert *convert, const struct options *options,
				 struct file_reader *reader, struct problem *ret_problem);

/* Makes the translator and the queue for programs that are loaded. Borrows the programs and the
 * limit. */
bool session_convert_open(struct session_convert *convert, const struct options *options,
			  const struct programs *programs, struct size_limit *limit,
			  struct problem *ret_problem);

/* Makes the rows of sections if they are recorded. Call after the programs are attached. */
bool session_convert_open_sections(struct session_convert *convert, const struct programs *programs,
				   struct problem *ret_problem);

/* Shows each record of an exit, a kept section or the out-of-memory killer to `watch`. */
void session_convert_set_watch(struct session_convert *convert, translator_watch watch,
			       void *context);

/* Takes a record of a ring, as a struct rings_consumer does; `context` is the session_convert.
 * Returns false on failure, which its status then shows. */
bool session_convert_take(void *context, const void *record, size_t size);

/* Writes the events whose stacks are ready, and those that need not wait longer at this time,
 * CLOCK_BOOTTIME; UINT64_MAX: all. The result is also its status. */
DZ_MUST_CHECK enum dz_status session_convert_release(struct session_convert *convert,
						     uint64_t now_ns);

/* Whether events wait for their stacks. */
bool session_convert_is_waiting(const struct session_convert *convert);

/* Frees everything. Call before the programs are freed. */
void session_convert_close(struct session_convert *convert);

#endif
