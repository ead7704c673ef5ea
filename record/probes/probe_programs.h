/* record/probes/probe_programs.h - the BPF side of probes: programs, attaching and counts of hits
 *
 * The programs are part of the BPF object that record/attach/programs.c opens and loads.
 */
#ifndef RECORD_PROBES_PROBE_PROGRAMS_H
#define RECORD_PROBES_PROBE_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "bpf/event.h"
#include "record/options/options.h"
#include "record/probes/hit_queue.h"
#include "record/probes/probe_list.h"

struct diag_bpf;
struct probe_programs;

/* Returns whether this kernel has kprobes. */
bool probe_programs_kernel_has_kprobes(void);

/*
 * Finds the probes, chooses the programs and sets the sizes of their maps. Call before the object
 * is loaded. Sets *ret_programs to NULL if the options have no probes; then no program is loaded.
 * Borrows options and skeleton until probe_programs_free(). Returns false and sets *ret_problem on
 * failure.
 */
bool probe_programs_open(struct diag_bpf *skeleton, const struct options *options,
			 struct probe_programs **ret_programs, struct problem *ret_problem);

/* Maps the memory of the queues, which is valid until probe_programs_free(). Call after the object
 * is loaded. Returns false and sets *ret_problem on failure. */
bool probe_programs_map_queue(struct probe_programs *programs, struct hit_queue_memory *ret_memory,
			      struct problem *ret_problem);

/* Attaches the probes, as probe_links_attach(), and then enables all of them at the same time. Call
 * after the object is loaded. */
bool probe_programs_attach(struct probe_programs *programs, const struct kallsyms *symbols,
			   struct problem *ret_problem);

/* Disables all probes: hits are neither recorded nor counted, except those that a program is
 * handling now. The probes stay attached until probe_programs_free(): detaching hundreds takes
 * seconds, for which the last one would be recorded longer than the first. */
void probe_programs_stop(struct probe_programs *programs);

/* Returns the number of links to detach; functions that are attached at once count as one. */
size_t probe_programs_links_count(const struct probe_programs *programs);

/* Returns the time that attaching took. */
uint64_t probe_programs_attach_ns(const struct probe_programs *programs);

/* Returns the probes, also those that could not be attached. */
const struct probe_list *probe_programs_list(const struct probe_programs *programs);

/* Returns the counts of one probe, summed over all CPUs. */
struct probe_counts probe_programs_counts(const struct probe_programs *programs, size_t probe);

/* Returns whether the kernel reports the missed hits of every probe. Call while they are attached.
 */
bool probe_programs_counts_misses(const struct probe_programs *programs);

/* Returns how many hits the kernel has missed from the end of attaching until the stop, of all
 * tasks, for probes that report it. */
struct probe_misses probe_programs_kernel_misses(struct probe_programs *programs);

/* Returns how often in that time the kernel skipped a program because it, or since Linux 6.7
 * another one, was running on that CPU. */
uint64_t probe_programs_skipped(const struct probe_programs *programs);

/* NULL is allowed. */
void probe_programs_free(struct probe_programs *programs);

#endif
