/* analyze/perfetto/perfetto_tracks.h - tracks of processes, threads and counters, each written once
 */
#ifndef ANALYZE_PERFETTO_PERFETTO_TRACKS_H
#define ANALYZE_PERFETTO_PERFETTO_TRACKS_H

#include <stdint.h>

#include "analyze/perfetto/perfetto_writer.h"

/* A track, and its number among tracks of its kind. */
struct perfetto_track {
	uint64_t uuid;
	uint64_t number; /* from 1 */
};

/* Return the track of a process, and of a thread. Processes are known by pid and start. All unknown
 * tasks (NULL) have one track. */
struct perfetto_track perfetto_process_track(struct perfetto_writer *writer,
					     const struct trace_file *file,
					     const struct dz_task *task);
struct perfetto_track perfetto_thread_track(struct perfetto_writer *writer,
					    const struct trace_file *file,
					    const struct dz_task *task);

/* Returns a further track of a thread, for sections that overlap others without nesting. Writes its
 * descriptor if it is new. */
uint64_t perfetto_lane_track(struct perfetto_writer *writer, const struct perfetto_track *thread,
			     uint64_t lane);

/* Returns the track of a thread for waits and blocked times. Writes its descriptor if it is new. */
uint64_t perfetto_waits_track(struct perfetto_writer *writer, const struct perfetto_track *thread);

/* "server[5903]"; a longer name is cut. */
#define PERFETTO_TASK_WORD_MAX 96u

/* Writes name and pid of a task, and returns `word`; NULL if the task is not known. Cannot fail. */
const char *perfetto_task_word(const struct trace_file *file, const struct dz_task *task,
			       char word[static PERFETTO_TASK_WORD_MAX]);

/* Returns the track of a counter with this name. */
struct perfetto_track perfetto_counter_track(struct perfetto_writer *writer,
					     struct trace_text name);

#endif
