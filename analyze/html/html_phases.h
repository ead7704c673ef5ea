/* analyze/html/html_phases.h - states of the sections that are drawn, in the order of time */
#ifndef ANALYZE_HTML_HTML_PHASES_H
#define ANALYZE_HTML_HTML_PHASES_H

#include <stdbool.h>
#include <stddef.h>

#include "analyze/html/html_lanes.h"
#include "analyze/sections/section_group.h"

/* The sections whose states are looked for. All zero at first. */
struct html_phases {
	struct html_item **items; /* by file and section; borrowed from the lanes */
	size_t count;
	struct section_groups *groups;
};

/* Chooses the sections whose states are drawn. Borrows the lanes, whose items must not move.
 * Returns false on allocation failure. The caller must call html_phases_release() in both cases. */
bool html_phases_open(struct html_phases *phases, struct html_lanes *lanes);

/* Returns the visitor that sets `parts` of these items. It stops on allocation failure. */
struct visitor html_phases_visitor(struct html_phases *phases);

/* Sets the rest after the replay. Returns false on allocation failure. */
bool html_phases_finish(struct html_phases *phases);

/* Frees everything but the items. */
void html_phases_release(struct html_phases *phases);

#endif
