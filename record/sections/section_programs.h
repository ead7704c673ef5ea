/* record/sections/section_programs.h - BPF side of sections: programs, slots, commands, rules
 *
 * The programs are part of the BPF object that record/attach/programs.c opens and loads.
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

/* Prefix of the names of the programs. */
#define SECTION_PROGRAMS_PREFIX "sect_"

/* Why there are no page faults, where the kernel has no such tracepoint. */
#define SECTION_NO_FAULTS "this kernel has no tracepoint page_fault_user"

struct cpu_hotplug;
struct diag_bpf;
struct section_programs;

/* Returns the memory for steps that the programs take with these options; 0 without sections. */
uint64_t section_programs_bytes(const struct options *options);

/* Chooses the programs and sets the sizes of their maps. Call before the object is loaded; also if
 * no sections are recorded, so that none is loaded. Returns false and sets *ret_problem on failure.
 */
bool section_programs_choose(struct diag_bpf *skeleton, const struct options *options,
			     struct problem *ret_problem);

/* Attaches the programs and maps the slots. Call after the object is loaded. Borrows the skeleton
 * until section_programs_free(). Returns false and sets *ret_problem on failure. */
bool section_programs_attach(struct diag_bpf *skeleton, const struct options *options,
			     struct section_programs **ret_programs, struct problem *ret_problem);

/* Takes samples and times page faults on CPUs that have come online. Call when cpu_hotplug_poll()
 * returns true. */
void section_programs_follow_cpus(struct section_programs *programs, struct cpu_hotplug *cpus);

/* Detaches the programs. No section begins or ends after that; programs may still run. */
void section_programs_detach(struct section_programs *programs);

/* Ends every open section. Call after section_programs_detach(), when no program runs any more: one
 * that was preempted while it starts or stops a section still writes to its thread. */
void section_programs_end(struct section_programs *programs);

/* Returns the samples, for section_samples_switch() until section_programs_detach(). */
struct section_samples *section_programs_samples(struct section_programs *programs);

/* Returns a text about something optional that could not be attached; NULL beyond the last. */
const char *section_programs_unattached(const struct section_programs *programs, size_t index);

/* Returns the bytes of a slot that a BPF program has sent, valid until it is released; NULL if the
 * number is invalid. */
const uint8_t *section_programs_slot(const struct section_programs *programs, uint32_t number,
				     uint32_t *ret_bytes);

/* Returns the frames of a kernel stack by the number that a step has, innermost first, valid until
 * the programs are freed; NULL if it cannot be read. Sets *ret_count to their number. */
const uint64_t *section_programs_kernel_stack(struct section_programs *programs, uint32_t number,
					      size_t *ret_count);

/* Lets the BPF programs write to a slot again. The number must be valid for
 * section_programs_slot(); owner: as in the event with the slot. */
void section_programs_release_slot(struct section_programs *programs, uint32_t number,
				   uint64_t owner);

/* Runs a command on a thread. Returns false if there is no such thread, or the command cannot be
 * run. Sets *ret_done to whether it had an effect. */
bool section_programs_run_command(struct section_programs *programs, enum section_command_type type,
				  uint32_t tid, uint64_t threshold_ns, bool *ret_done);

/* Adds a rule for the process of the thread; replaces one for the same system call. Copies the
 * rule. Returns false and sets *ret_problem on failure, such as too many rules. */
bool section_programs_add_rule(struct section_programs *programs, const struct syscall_rule *rule,
			       struct problem *ret_problem);

/* Removes all rules for the process of the thread, or those for all processes if it is
 * SECTION_RULE_EVERY. Returns their number. */
size_t section_programs_clear_rules(struct section_programs *programs, uint32_t pid);

struct section_counts {
	uint64_t threads; /* that are in a section now */
	uint64_t open;    /* sections now, nested ones too */
	uint64_t started; /* sections since the programs were loaded */
	size_t rules;     /* for system calls, of all processes */
};

/* Counts at this time. Looks at every thread of the machine. */
struct section_counts section_programs_count(struct section_programs *programs);

/* Calls visit() for each histogram, which is valid only during the call. If visit() returns false,
 * stops and returns false. */
bool section_programs_histograms(struct section_programs *programs,
				 bool (*visit)(void *context,
					       const struct section_histogram_key *key,
					       const struct section_histogram *histogram),
				 void *context);

/* Frees the histograms of processes that had ended some time before now_ns, CLOCK_BOOTTIME. Calls
 * gone() for each. */
void section_programs_free_ended(struct section_programs *programs, uint64_t now_ns,
				 void (*gone)(void *context,
					      const struct section_histogram *histogram),
				 void *context);

/* Returns how many processes have ended whose histograms are not freed yet. */
uint64_t section_programs_ended(const struct section_programs *programs);

/* Returns the counts of failures since the programs were loaded. */
struct section_failures section_programs_failures(const struct section_programs *programs);

/* NULL is allowed. */
void section_programs_free(struct section_programs *programs);

#endif
