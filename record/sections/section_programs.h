/* record/sections/section_programs.h - the kernel side of sections: what is attached, and what it
 * is asked
 *
 * The programs are a part of the object that record/attach/programs.c opens and loads.
 */
#ifndef RECORD_SECTIONS_SECTION_PROGRAMS_H
#define RECORD_SECTIONS_SECTION_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problem.h"
#include "bpf/event.h"
#include "record/options/options.h"
#include "record/sections/section_samples.h"

/* So begin the names of those that are attached. */
#define SECTION_PROGRAMS_PREFIX "sect_"

struct cpu_hotplug;
struct diag_bpf;
struct section_programs;

/* Before the object is loaded: chooses the programs and sets the sizes of their maps. To be called
 * also if no sections are recorded: then none is loaded. */
bool section_programs_choose(struct diag_bpf *skeleton, const struct options *options,
			     struct problem *ret_problem);

/* After it is loaded: attaches, and maps the slots. The skeleton is borrowed until
 * section_programs_free(). */
bool section_programs_attach(struct diag_bpf *skeleton, const struct options *options,
			     struct section_programs **ret_programs, struct problem *ret_problem);

/* To be called when CPUs have come: samples are taken and page faults timed there, too. */
void section_programs_follow_cpus(struct section_programs *programs, struct cpu_hotplug *cpus);

/* Nothing happens in the kernel any more; then every section that still runs is ended. */
void section_programs_detach(struct section_programs *programs);

/* To be switched on and off, until nothing is attached any more. */
struct section_samples *section_programs_samples(struct section_programs *programs);

/* What could not be attached and is not essential; NULL beyond the last. */
const char *section_programs_unattached(const struct section_programs *programs, size_t index);

/* The bytes of a slot that was handed over, which may be read until it is given back; NULL for a
 * number that cannot be. */
const uint8_t *section_programs_slot(const struct section_programs *programs, uint32_t number,
				     uint32_t *ret_bytes);
/* Lets the kernel side write to a slot again. The number must be one that section_programs_slot()
 * has bytes for. */
void section_programs_release_slot(struct section_programs *programs, uint32_t number);

/* Carries out an order on a thread: false if there is no such thread, or the kernel cannot be
 * asked; *ret_done is whether it could be carried out. */
bool section_programs_order(struct section_programs *programs, enum section_command_type order,
			    uint32_t tid, uint64_t threshold_ns, bool *ret_done);

/* From now on these calls of the thread's process are sections; a rule for the same call is
 * replaced. The rule is copied. False with a problem, as when there are too many. */
bool section_programs_add_rule(struct section_programs *programs, const struct syscall_rule *rule,
			       struct problem *ret_problem);

/* Drops all rules of the thread's process. Returns how many there were. */
size_t section_programs_clear_rules(struct section_programs *programs, uint32_t pid);

/* Of all processes; counted anew each time. */
size_t section_programs_rule_count(const struct section_programs *programs);

/* Calls visit() for each histogram, which is valid during the call only, until it returns false:
 * then this does, too. */
bool section_programs_histograms(struct section_programs *programs,
				 bool (*visit)(void *context,
					       const struct section_histogram_key *key,
					       const struct section_histogram *histogram),
				 void *context);

/* What has gone wrong so far, since the programs were loaded. */
struct section_failures section_programs_failures(const struct section_programs *programs);

/* NULL is allowed. */
void section_programs_free(struct section_programs *programs);

#endif
