/* record/session/session_state.h - what the parts of a session share: session.c and session_files.c
 */
#ifndef RECORD_SESSION_SESSION_STATE_H
#define RECORD_SESSION_SESSION_STATE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "record/attach/losses.h"
#include "record/attach/programs.h"
#include "record/attach/rings.h"
#include "record/convert/pending_events.h"
#include "record/convert/section_rows.h"
#include "record/convert/translator.h"
#include "record/output/flight_window.h"
#include "record/output/output_helper.h"
#include "record/output/recording.h"
#include "record/output/size_limit.h"
#include "record/privilege/workload.h"
#include "record/session/control.h"
#include "record/session/section_commands.h"
#include "record/session/session.h"
#include "record/stacks/user_stacks.h"
#include "symbols/kallsyms.h"
#include <dz/status.h>

/* The kernel side wakes us up when a ring fills, and otherwise we come by ourselves so often. */
#define SESSION_POLL_NS 200000000u

struct session {
	const struct options *options;
	char path[PATH_MAX]; /* of the first file */
	struct output_helper_names names;
	struct output_helper *maker; /* of the others */
	struct cpu_hotplug *cpus;
	struct workload workload;
	struct programs *programs;
	struct kallsyms symbols;
	struct user_stacks *user_stacks; /* NULL: none are recorded */
	struct translator *translator;
	struct pending_events *room;   /* NULL without user stacks */
	struct section_rows *sections; /* NULL: none are recorded */
	struct section_commands orders;
	struct control *control; /* NULL: nobody can give orders */
	struct rings *rings;
	struct losses *losses;
	struct disk_sync *disk_sync;    /* of the present recording; NULL with a window */
	struct recording recordings[2]; /* the present one, and for a moment the next one */
	struct recording *recording;
	bool recording_is_open;
	struct flight_window *window; /* of the recording, which is in memory then; or NULL */
	struct output last_output;    /* for the window at the end */
	bool last_output_is_open;
	uint64_t ordered_ns;    /* when the window was asked for; 0: it is not to be written */
	uint64_t sections_lost; /* of which the window knows */
	struct size_limit size_limit;
	uint64_t min_free_bytes; /* 0: no limit */
	enum dz_status status;   /* of the translator, when it stopped the rings */
	int epoll_fd;
	int signal_fd;
	uint64_t start_ns;
	uint64_t losses_ns;
	uint64_t counts_ns;
	uint64_t file_cpu_ns;    /* what diag-record had used when it began this file */
	uint64_t file_lost;      /* what had been lost by then */
	struct problem rotation; /* why there is no next file, or it does not go on */
	bool is_stopping;
	bool is_rotating;
	struct session_result result;
};

#endif
