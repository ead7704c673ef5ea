/* analyze/html/html_lanes.h - the processes and threads of a time line, and what happened in them
 *
 * Two passes over a trace: html_lanes_find_visitor() finds the lanes, html_lanes_settle() orders
 * them, html_lanes_fill_visitor() collects the events between them, html_lanes_merge() merges those
 * that are too close to be seen apart.
 */
#ifndef ANALYZE_HTML_HTML_LANES_H
#define ANALYZE_HTML_HTML_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/replay/visitor.h"
#include "analyze/report/answers.h"
#include <dz/enums.h>

/* Lanes of processes that did not end with code 0, the first of each name and class before the
 * second one, the most serious first; of those that sent them a signal, and of threads
 * with sections. */
#define HTML_LANES_DEATHS   36u
#define HTML_LANES_SENDERS  12u
#define HTML_LANES_SECTIONS 16u
#define HTML_LANES_MAX      (HTML_LANES_DEATHS + HTML_LANES_SENDERS + HTML_LANES_SECTIONS)

/* Items in memory, and items that are drawn. */
#define HTML_ITEMS_MAX   131072u
#define HTML_ITEMS_DRAWN 4000u

/* A process, or a thread with sections. */
struct html_lane {
	uint32_t boot;
	uint64_t tid;
	uint64_t start; /* CLOCK_BOOTTIME */
	char *label;
	uint64_t born_ns; /* Unix; 0: unknown */
	uint64_t end_ns;  /* 0: not in the trace */
	enum cause_class class;
	char *cause; /* NULL: not in the trace */
};

/* Equal parts of a section whose states are drawn. */
#define HTML_PARTS 40u

enum html_item_type {
	HTML_ITEM_SIGNAL,
	HTML_ITEM_SECTION,
};

#define HTML_NO_LANE (-1)

/* Sections with drawn states, the longest ones. */
#define HTML_STATES_DRAWN 400u

/* A signal or a section, or several of one type that are merged. */
struct html_item {
	enum html_item_type type;
	int from; /* lane of the sender; HTML_NO_LANE: the kernel, or a process without a lane */
	int to;   /* lane of the receiver, or of the section; HTML_NO_LANE: one without a lane */
	uint64_t start_ns; /* Unix */
	uint64_t end_ns;
	uint64_t count; /* 0: merged into an earlier one */
	uint32_t signal;
	bool killed; /* the signal ended the receiver */
	char label[32];
	const struct trace_file *file; /* of the section */
	uint64_t section;
	uint64_t states_ns[DZ_PHASE_STATE_COUNT]; /* of the section; all 0: unknown */
	/* Of equal parts of the section: its enum interval_state most of the time. */
	uint8_t parts[HTML_PARTS];
	bool has_parts;
};

struct html_lanes {
	struct html_lane lanes[HTML_LANES_MAX]; /* in the order of their birth */
	size_t lane_count;
	struct html_item *items;
	size_t item_count;
	size_t item_capacity;
	uint64_t left_out;                   /* items beyond HTML_ITEMS_MAX */
	uint64_t deaths;                     /* processes that did not end with code 0 */
	uint64_t deaths_drawn;               /* those of them with a lane */
	uint64_t drawn;                      /* items after merging */
	uint64_t merged;                     /* items that are part of another one */
	uint64_t distance_ns;                /* closer items are merged */
	uint64_t states_ns;                  /* shorter sections have no drawn states */
	bool child_signals;                  /* draw SIGCHLD, too */
	struct answer_table *seen_names;     /* private: deaths of a class by name */
	struct answer_table *found_deaths;   /* private */
	struct answer_table *found_senders;  /* private */
	struct answer_table *found_sections; /* private */
};

/* Initializes. Returns false on allocation failure. Call html_lanes_release() in both cases. */
bool html_lanes_open(struct html_lanes *lanes, bool child_signals);

/* Visitors of the two passes. They stop on allocation failure. */
struct visitor html_lanes_find_visitor(struct html_lanes *lanes);
struct visitor html_lanes_fill_visitor(struct html_lanes *lanes);

/* Orders the lanes after the first pass. */
void html_lanes_settle(struct html_lanes *lanes);

/* Merges the items of a trace of this length until at most HTML_ITEMS_DRAWN are left. */
void html_lanes_merge(struct html_lanes *lanes, uint64_t length_ns);

/* Whether an item is one section, not several, and at least that long. */
bool html_item_is_section(const struct html_item *item, uint64_t least_ns);

/* Frees everything. */
void html_lanes_release(struct html_lanes *lanes);

#endif
