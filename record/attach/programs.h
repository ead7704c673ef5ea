/* record/attach/programs.h - the kernel side: opened, set up, loaded, attached and taken away as a
 * whole
 */
#ifndef RECORD_ATTACH_PROGRAMS_H
#define RECORD_ATTACH_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/problem.h"
#include "record/options/options.h"
#include "symbols/kallsyms.h"

struct programs;
struct probe_programs;
struct section_programs;

/* What could not be attached and is not essential. */
struct programs_unattached {
	const char *name;   /* such as oom */
	const char *reason; /* and what to do about it */
};

/* What programs cost the machine. */
struct programs_cost {
	uint64_t run_time_ns; /* 0 unless the kernel keeps statistics of BPF */
	uint64_t runs;
};

/* Whether the control groups of this process leave enough memory to start such a recording. What
 * they do not leave is not asked for: the kernel would end this process. */
bool programs_fit_memory(const struct options *options, struct problem *ret_problem);

/* False if the kernel says that it is locked down so far that no program may be loaded that reads
 * its memory. */
bool programs_are_allowed(struct problem *ret_problem);

/* Whether this process has the capabilities that loading and attaching takes. */
bool programs_have_rights(void);

/* Opens the programs that the options ask for, and loads them into the kernel. `command` is the
 * process to follow, 0 for none. The options are borrowed until programs_free(). */
bool programs_load(const struct options *options, pid_t command, struct programs **ret_programs,
		   struct problem *ret_problem);

/* From here on events arrive in the rings. The table of symbols is borrowed for the call only.
 * After a failure there may be some that are attached: programs_free() has to follow. */
bool programs_attach(struct programs *programs, const struct options *options,
		     const struct kallsyms *symbols, struct problem *ret_problem);

/* The part that is about probes; NULL if none are recorded. */
struct probe_programs *programs_probes(const struct programs *programs);

/* The part that is about sections; NULL if none are recorded, or before programs_attach(). */
struct section_programs *programs_run(const struct programs *programs);

/* No event arrives any more when this returns. Probes are detached by programs_free(). */
void programs_detach(struct programs *programs);

/* The i-th ring in use, a descriptor that lives as long as the programs; -1 beyond the last. */
int programs_ring_fd(const struct programs *programs, size_t index);

/* The map of losses, a descriptor that lives as long as the programs; and the beginning of a new
 * epoch in it. */
int programs_loss_fd(const struct programs *programs);
void programs_begin_loss_epoch(struct programs *programs);

/* The i-th program that could not be attached; false beyond the last. */
bool programs_unattached(const struct programs *programs, size_t index,
			 struct programs_unattached *ret_unattached);

/* What the kernel itself missed, without saying when. */
struct programs_misses {
	uint32_t kind; /* enum event_kind */
	const char *reason;
	uint64_t count; /* since the start */
};

/* The i-th of them: of each program for exits and signals, then of probes by reason, and of steps.
 * False beyond the last. */
bool programs_misses(const struct programs *programs, size_t index,
		     struct programs_misses *ret_misses);

/* Of all programs together, since they were loaded. */
struct programs_cost programs_cost(const struct programs *programs);

/* NULL is allowed. */
void programs_free(struct programs *programs);

#endif
