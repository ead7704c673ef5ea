/* record/convert/section_rows.h - sections and steps, from BPF records to rows of a file
 *
 * A section becomes a row at once. Its steps wait until their user stacks are unwound, at most
 * USER_STACKS_WAIT_NS.
 */
#ifndef RECORD_CONVERT_SECTION_ROWS_H
#define RECORD_CONVERT_SECTION_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/convert/translator.h"
#include "record/sections/section_programs.h"
#include "record/stacks/user_stacks.h"
#include <dz/status.h>

struct section_rows;

/* Borrows all of them; user_stacks may be NULL. Returns NULL on allocation failure. */
struct section_rows *section_rows_new(struct section_programs *programs,
				      struct translator *translator, struct kernel_symbols *symbols,
				      struct user_stacks *user_stacks);

/* Takes a record of a kind with the route SECTION (bpf/event_kinds.h). Skips a record that breaks
 * the protocol. Returns the errors of the writer, as the functions below, and DZ_NO_MEMORY. */
DZ_MUST_CHECK enum dz_status section_rows_take(struct section_rows *sections, const void *record,
					       size_t size);

/* Writes the steps that need not wait longer at this time, CLOCK_BOOTTIME; of a section with very
 * many of them only a part in each call. UINT64_MAX: writes all. */
DZ_MUST_CHECK enum dz_status section_rows_release(struct section_rows *sections, uint64_t now_ns);

/* Whether steps wait. */
bool section_rows_are_waiting(const struct section_rows *sections);

/* Writes the section histograms and what was lost, if they have changed. */
DZ_MUST_CHECK enum dz_status section_rows_count(struct section_rows *sections, uint64_t now_ns);

/* Whether many histograms can be freed: section_rows_count() is due early. */
bool section_rows_must_count(const struct section_rows *sections);

/* The next section_rows_count() writes all histograms again, as there is a new file. */
void section_rows_forget(struct section_rows *sections);

/* Returns the number of sections and steps that were lost, except those that losses.h counts. */
uint64_t section_rows_lost(const struct section_rows *sections);

/* Frees the steps that wait, too. NULL is allowed. */
void section_rows_free(struct section_rows *sections);

#endif
