/* record/probes/probe_programs.h - the kernel side of probes: what is attached, and what became of
 * hits
 *
 * The programs are a part of the object that record/attach/programs.c opens and loads.
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

/* Whether this kernel has kprobes at all. */
bool probe_programs_kernel_has_kprobes(void);

/*
 * Before the object is loaded: finds the probes, chooses the programs and sets the sizes of their
 * maps. *ret_programs is NULL if no probes are asked for: then no program is loaded. The options
 * and the skeleton are borrowed until probe_programs_free().
 */
bool probe_programs_open(struct diag_bpf *skeleton, const struct options *options,
			 struct probe_programs **ret_programs, struct problem *ret_problem);

/* After it is loaded: the memory of the queues, which is there until probe_programs_free(). */
bool probe_programs_map_queue(struct probe_programs *programs, struct hit_queue_memory *ret_memory,
			      struct problem *ret_problem);

/* After it is loaded: attaches what can be; false as probe_links_attach() says. From its end on
 * hits are recorded, of all probes from the same moment. */
bool probe_programs_attach(struct probe_programs *programs, const struct kallsyms *symbols,
			   struct problem *ret_problem);

/* From now on hits are neither recorded nor counted, but for those that a program is just at. The
 * probes stay attached until probe_programs_free(): to detach hundreds takes the kernel so long
 * that the last of them would be recorded for seconds more than the first. */
void probe_programs_stop(struct probe_programs *programs);

/* How many there are to detach; functions that are attached at once count as one. */
size_t probe_programs_links_count(const struct probe_programs *programs);

/* How long it took the kernel to attach them. */
uint64_t probe_programs_attach_ns(const struct probe_programs *programs);

/* The probes, by number, with what could not be attached. */
const struct probe_list *probe_programs_list(const struct probe_programs *programs);

/* What became of the hits of one probe, on all CPUs together. */
struct probe_counts probe_programs_counts(const struct probe_programs *programs, size_t probe);

/* Whether the kernel tells of every probe how many hits it has missed. To be asked while they are
 * attached. */
bool probe_programs_counts_misses(const struct probe_programs *programs);

/* Hits of any task that the kernel has missed from the end of attaching until the stop, of the
 * probes that tell. */
struct probe_misses probe_programs_kernel_misses(struct probe_programs *programs);

/* How often in that time the kernel did not run a program since it, or since Linux 6.7 another one,
 * was running on that CPU. */
uint64_t probe_programs_skipped(const struct probe_programs *programs);

/* NULL is allowed. */
void probe_programs_free(struct probe_programs *programs);

#endif
