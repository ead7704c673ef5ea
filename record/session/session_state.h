/* record/session/session_state.h - the parts of a session, grouped by what owns them */
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
#include "record/options/options.h"
#include "record/output/disk_writer.h"
#include "record/output/file_directory.h"
#include "record/output/flight_window.h"
#include "record/output/output_helper.h"
#include "record/output/recording.h"
#include "record/output/size_limit.h"
#include "record/output/trigger.h"
#include "record/privilege/cpu_hotplug.h"
#include "record/privilege/workload.h"
#include "record/session/live.h"
#include "record/session/session_info.h"
#include "record/session/session_result.h"
#include "record/stacks/file_reader.h"
#include "record/stacks/kernel_symbols.h"
#include "record/stacks/user_stacks.h"
#include <dz/status.h>

/* How often rings are read if no BPF program wakes diag-record up before. */
#define SESSION_POLL_NS 200000000u

/* Processes and descriptors that outlive the privileges. */
struct session_processes {
	struct output_helper_names output_names;
	struct output_helper *output_helper; /* creates every file but the first */
	struct cpu_hotplug *cpu_hotplug;
	struct file_reader *file_reader; /* NULL without user stacks */
	struct workload workload;
};

/* The BPF side. */
struct session_kernel {
	struct programs *programs;
	struct rings *rings;
	struct losses *losses;
};

/* From records of the rings to rows. */
struct session_convert {
	struct kernel_symbols *symbols;
	struct user_stacks *user_stacks; /* NULL: none are recorded */
	struct file_reader *reader;      /* borrowed; NULL: nothing of processes is read */
	struct translator *translator;
	struct pending_events *pending; /* NULL without user stacks and command lines */
	struct section_rows *sections;  /* NULL: none are recorded */
	translator_watch watch;         /* sees kept sections; NULL: none */
	void *watch_context;
	enum dz_status status; /* of the last conversion */
};

/* The files of the recording: one, those of a rotation, or those of a flight window. */
struct session_file {
	const struct options *options;   /* borrowed */
	char path[PATH_MAX];             /* of the first file */
	struct disk_writer *disk_writer; /* NULL: the file is in memory only */
	struct recording recordings[2];  /* the current one, and the next one during a change */
	struct recording *recording;     /* the current one, which is in memory with a window */
	bool recording_is_open;
	struct flight_window *window;    /* NULL without --flight */
	struct file_directory directory; /* fd -1: -o names a file */
	struct output window_output;     /* the file that the window is written to at the end */
	bool window_output_is_open;
	uint64_t window_requested_ns; /* CLOCK_BOOTTIME; 0: no request to write the window */
	uint64_t window_sections_lost;
	uint64_t piece_events; /* in pieces of the window that have ended, also in old ones */
	uint64_t piece_bytes;  /* of these pieces */
	struct live *live;     /* NULL without --live */
	struct live *journal;  /* NULL without --journal, or if its program has ended */
	struct piece_copy piece_copy; /* of the window, for the journal */
	uint64_t shown_bytes;         /* of the file that live and journal read */
	uint64_t grown_ns;            /* when it last grew */
	struct trigger_state trigger;
	const char *window_reason; /* "request", "end"; else of the trigger */
	struct size_limit size_limit;
	uint64_t min_free_bytes;             /* 0: no limit */
	uint64_t counts_ns;                  /* when section histograms were last written */
	uint64_t start_cpu_ns;               /* CPU time of diag-record when it began this file */
	uint64_t start_lost;                 /* events lost before this file */
	uint64_t start_counts[EVENT_COUNTS]; /* by enum event_count, before this file */
	struct problem rotation; /* why there is no next file; empty if nothing failed */
	struct session_command command;
	struct session_result result;
};

#endif
