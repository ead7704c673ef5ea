/* record/convert/section_rows.h - sections and their steps, from the kernel side to rows of a file
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

/* Borrows all of them; user_stacks may be NULL. NULL without memory. */
struct section_rows *section_rows_new(struct section_programs *programs,
				      struct translator *translator, const struct kallsyms *symbols,
				      struct user_stacks *user_stacks);

/* Errors are those of the writer, here and below. A record that is not sound is left out. */
DZ_MUST_CHECK enum dz_status section_rows_take(struct section_rows *sections, const void *record,
					       size_t size);

/* Writes the steps that need not wait any longer, CLOCK_BOOTTIME; UINT64_MAX for all of them. */
DZ_MUST_CHECK enum dz_status section_rows_release(struct section_rows *sections, uint64_t now_ns);

/* Whether there are steps that section_rows_release() has not written yet. */
bool section_rows_are_waiting(const struct section_rows *sections);

/* Writes how many sections there were, and what was lost, if that has changed. */
DZ_MUST_CHECK enum dz_status section_rows_count(struct section_rows *sections, uint64_t now_ns);

/* Everything has to be written again, since it goes to another file now. */
void section_rows_forget(struct section_rows *sections);

/* How many were lost, of sections and steps, that only the kernel side of them knows about. */
uint64_t section_rows_lost(const struct section_rows *sections);

/* What still waits is lost. NULL is allowed. */
void section_rows_free(struct section_rows *sections);

#endif
