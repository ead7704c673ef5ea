/* analyze/perfetto/perfetto_sections.h - sections as slices: in them system calls, in these states
 *
 * The slices of a track nest: each ends before the one around it. A section that overlaps another
 * one of its thread without nesting gets another track.
 */
#ifndef ANALYZE_PERFETTO_PERFETTO_SECTIONS_H
#define ANALYZE_PERFETTO_PERFETTO_SECTIONS_H

#include "analyze/perfetto/perfetto_writer.h"
#include "analyze/sections/section_group.h"

struct perfetto_sections;

/* Borrows the writer. Returns NULL on allocation failure. */
struct perfetto_sections *perfetto_sections_new(struct perfetto_writer *writer);

/* Writes the sections of a group. Returns false on allocation failure. */
bool perfetto_sections_add(struct perfetto_sections *sections, const struct section_group *group);

/* NULL is allowed. */
void perfetto_sections_free(struct perfetto_sections *sections);

#endif
