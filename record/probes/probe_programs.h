/* record/probes/probe_programs.h - the kernel side of probes: what is attached, and what became of
 * hits
 *
 * The programs are a part of the object that record/programs.c opens and loads.
 */
#ifndef RECORD_PROBE_PROGRAMS_H
#define RECORD_PROBE_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/options.h"
#include "record/probes/hit_queue.h"
#include "record/probes/probe_list.h"
#include "record/problem.h"

/* So begin the names of those that are attached. */
#define PROBE_PROGRAMS_PREFIX "probe_on_"

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

/* After it is loaded: attaches what can be; false if that is nothing. */
bool probe_programs_attach(struct probe_programs *programs, const struct kallsyms *symbols,
			   struct problem *ret_problem);

/* Detaches all, and keeps how many hits the kernel had missed when each of them went. May be called
 * again. */
void probe_programs_detach(struct probe_programs *programs);

/* How long it took the kernel to attach them. */
uint64_t probe_programs_attach_ns(const struct probe_programs *programs);

/* The probes, by number, with what could not be attached. */
const struct probe_list *probe_programs_list(const struct probe_programs *programs);

/* What became of the hits of one probe, on all CPUs together. */
struct probe_counts probe_programs_counts(const struct probe_programs *programs, size_t probe);

/* Whether the kernel tells of every probe how many hits it has missed. To be asked while they are
 * attached. */
bool probe_programs_counts_misses(const struct probe_programs *programs);

/* Hits of any task that the kernel has missed so far, of the probes that tell. When they have been
 * detached, what it was then. */
struct probe_misses probe_programs_kernel_misses(struct probe_programs *programs);

/* NULL is allowed. */
void probe_programs_free(struct probe_programs *programs);

#endif
