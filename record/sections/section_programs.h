/* record/sections/section_programs.h - the kernel side of sections: what is attached, and what it
 * is asked
 *
 * The programs are a part of the object that record/attach/programs.c opens and loads.
 */
#ifndef RECORD_RUN_PROGRAMS_H
#define RECORD_RUN_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"
#include "record/options/options.h"
#include "record/problem.h"
#include "record/sections/section_samples.h"

/* So begin the names of those that are attached. */
#define RUN_PROGRAMS_PREFIX "run_on_"

struct cpu_events;
struct diag_bpf;
struct run_programs;

/* Before the object is loaded: chooses the programs and sets the sizes of their maps. To be called
 * also if no sections are recorded: then none is loaded. */
bool run_programs_choose(struct diag_bpf *skeleton, const struct options *options,
			 struct problem *ret_problem);

/* After it is loaded: attaches, and maps the slots. The skeleton is borrowed until
 * run_programs_free(). */
bool run_programs_attach(struct diag_bpf *skeleton, const struct options *options,
			 struct run_programs **ret_programs, struct problem *ret_problem);

/* To be called when CPUs have come: samples are taken and page faults timed there, too. */
void run_programs_follow_cpus(struct run_programs *programs, struct cpu_events *cpus);

/* Nothing happens in the kernel any more; then every section that still runs is ended. */
void run_programs_detach(struct run_programs *programs);

/* To be switched on and off, until nothing is attached any more. */
struct run_samples *run_programs_samples(struct run_programs *programs);

/* What could not be attached and is not essential; NULL beyond the last. */
const char *run_programs_gap(const struct run_programs *programs, size_t index);

/* The bytes of a slot that was handed over, which may be read until it is given back; NULL for a
 * number that cannot be. */
const uint8_t *run_programs_slot(const struct run_programs *programs, uint32_t number,
				 uint32_t *ret_bytes);
/* Lets the kernel side write to a slot again. The number must be one that run_programs_slot() has
 * bytes for. */
void run_programs_give_back(struct run_programs *programs, uint32_t number);

/* Carries out an order on a thread: false if there is no such thread, or the kernel cannot be
 * asked; *ret_done is whether it could be carried out. */
bool run_programs_order(struct run_programs *programs, enum run_order order, uint32_t tid,
			uint64_t threshold_ns, bool *ret_done);

/* From now on these calls of the thread's process are sections; a rule for the same call is
 * replaced. The rule is copied. False with a problem, as when there are too many. */
bool run_programs_add_rule(struct run_programs *programs, const struct run_rule *rule,
			   struct problem *ret_problem);

/* Drops all rules of the thread's process. Returns how many there were. */
size_t run_programs_clear_rules(struct run_programs *programs, uint32_t pid);

/* Of all processes; counted anew each time. */
size_t run_programs_rule_count(const struct run_programs *programs);

/* Calls visit() for each tally, which is valid during the call only, until it returns false: then
 * this does, too. */
bool run_programs_tallies(struct run_programs *programs,
			  bool (*visit)(void *context, const struct run_tally_key *key,
					const struct run_tally *tally),
			  void *context);

/* What has gone wrong so far, since the programs were loaded. */
struct run_failures run_programs_failures(const struct run_programs *programs);

/* NULL is allowed. */
void run_programs_free(struct run_programs *programs);

#endif
