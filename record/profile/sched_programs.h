/* record/profile/sched_programs.h - BPF side of waits for a CPU and of samples
 *
 * The programs are part of the BPF object that record/attach/programs.c opens and loads.
 */
#ifndef RECORD_PROFILE_SCHED_PROGRAMS_H
#define RECORD_PROFILE_SCHED_PROGRAMS_H

#include <stdbool.h>

#include "base/problem.h"
#include "record/kernel/links.h"
#include "record/kernel/perf_events.h"
#include "record/options/options.h"
#include "record/profile/event_sums.h"

/* Prefix of the names of the programs of waits. */
#define SCHED_PROGRAMS_PREFIX "sched_on_"
/* Of those that note interrupts, and of time for which tasks were blocked. */
#define INTERRUPT_PROGRAMS_PREFIX "irq_on_"
#define OFFCPU_PROGRAMS_PREFIX    "offcpu_on_"

struct bpf_link;
struct diag_bpf;

/* Chooses the programs and sets the sizes of their maps. Call before the object is loaded; also if
 * neither is recorded, so that none is loaded. Returns false and sets *ret_problem on failure. */
bool sched_programs_choose(struct diag_bpf *skeleton, const struct options *options,
			   struct problem *ret_problem);

/* Attaches the chosen programs, after the object is loaded, and adds their links to *links. Returns
 * false and sets *ret_problem on failure; some may be attached then. */
bool sched_programs_attach(struct diag_bpf *skeleton, struct links *links,
			   struct problem *ret_problem);

/* Maps the cells in which the programs add up events, after the object is loaded. Borrows the
 * skeleton. The caller must call sched_programs_close() before that is destroyed. Returns false and
 * sets *ret_problem on failure. */
bool sched_programs_open(struct diag_bpf *skeleton, const struct options *options,
			 struct event_sums *ret_sums, struct problem *ret_problem);

/* Returns the sums over all CPUs of what --every and --max-per-second chose from since the start; 0
 * without these options. */
struct sched_chosen sched_programs_chosen(const struct diag_bpf *skeleton,
					  enum sched_choice choice);

/* Unmaps them. Zeroed sums are allowed. */
void sched_programs_close(struct event_sums *sums);

/* Counts the tasks that are blocked from now on, after the programs are attached. Returns false and
 * sets *ret_problem on failure. The caller must destroy *ret_iterator. */
bool offcpu_programs_begin(struct diag_bpf *skeleton, struct bpf_link **ret_iterator,
			   struct problem *ret_problem);

/* Records the tasks that are still blocked, when the programs are detached. NULL is allowed. */
void offcpu_programs_end(struct diag_bpf *skeleton, struct bpf_link *iterator);

/* Opens the clocks or counters of samples on all CPUs, as above. The caller must call
 * perf_events_release() when the links are released. */
bool sched_programs_sample(struct diag_bpf *skeleton, const struct profile_options *profile,
			   struct links *links, struct perf_events *ret_events,
			   struct problem *ret_problem);

#endif
