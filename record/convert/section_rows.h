/* record/convert/section_rows.h - sections and their steps, from the kernel side to rows of a file
 *
 * A section becomes a row at once. Its steps wait until their user stacks are unwound, at most
 * USER_STACKS_WAIT_NS.
 */
#ifndef RECORD_RUN_SECTIONS_H
#define RECORD_RUN_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/convert/translator.h"
#include "record/sections/section_programs.h"
#include "record/stacks/user_stacks.h"
#include <dz/status.h>

struct run_sections;

/* Borrows all of them; user_stacks may be NULL. NULL without memory. */
struct run_sections *run_sections_new(struct run_programs *programs, struct translator *translator,
				      const struct kallsyms *symbols,
				      struct user_stacks *user_stacks);

/* Whether a record of a ring is to be given to run_sections_take() and nobody else. */
bool run_sections_want(const void *record, size_t size);

/* Errors are those of the writer, here and below. A record that is not sound is left out. */
DZ_MUST_CHECK enum dz_status run_sections_take(struct run_sections *sections, const void *record,
					       size_t size);

/* Writes the steps that need not wait any longer, CLOCK_BOOTTIME; UINT64_MAX for all of them. */
DZ_MUST_CHECK enum dz_status run_sections_release(struct run_sections *sections, uint64_t now_ns);

/* Whether there are steps that run_sections_release() has not written yet. */
bool run_sections_are_waiting(const struct run_sections *sections);

/* Writes how many sections there were, and what was lost, if that has changed. */
DZ_MUST_CHECK enum dz_status run_sections_count(struct run_sections *sections, uint64_t now_ns);

/* Everything has to be written again, since it goes to another file now. */
void run_sections_forget(struct run_sections *sections);

/* How many were lost, of sections and steps, that only the kernel side of them knows about. */
uint64_t run_sections_lost(const struct run_sections *sections);

/* What still waits is lost. NULL is allowed. */
void run_sections_free(struct run_sections *sections);

#endif
