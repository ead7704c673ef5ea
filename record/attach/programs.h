/* record/attach/programs.h - the BPF programs: opened, configured, loaded, attached, detached */
#ifndef RECORD_ATTACH_PROGRAMS_H
#define RECORD_ATTACH_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/problem.h"
#include "record/common/symbol_source.h"
#include "record/common/unwind_maps.h"
#include "record/kernel/cgroup_filter.h"
#include "record/options/options.h"
#include "record/profile/event_sums.h"
#include "symbols/kallsyms.h"

/* What to do if the privileges are missing. */
#define PROGRAMS_NEED_ROOT                                                                         \
	"needs root: sudo diag-record ... (or CAP_BPF and CAP_PERFMON; --check says what else)"

struct cpu_hotplug;
struct programs;
struct probe_programs;
struct section_programs;

/* A program that could not be attached and is not essential. */
struct programs_unattached {
	const char *name;   /* such as oom */
	const char *reason; /* with an instruction if there is one */
};

/* The run time of all programs. */
struct programs_cost {
	uint64_t run_time_ns; /* 0 unless kernel.bpf_stats_enabled is set */
	uint64_t runs;
};

/* Returns false if the control groups of this process leave too little memory to start such a
 * recording. Check this before the memory is allocated: the kernel would kill this process. */
bool programs_fit_memory(const struct options *options, struct problem *ret_problem);

/* Returns false if the kernel is locked down so far that no program that reads its memory may be
 * loaded. */
bool programs_are_allowed(struct problem *ret_problem);

/* Whether this process has the capabilities for loading and attaching. */
bool programs_have_privileges(void);

/* Processes of this recorder; 0: there is none. */
struct programs_family {
	pid_t command; /* the workload to follow */
	pid_t writer;  /* writes the file, and is not recorded */
};

/* Opens the programs that the options need and loads them into the kernel. Borrows the options
 * until programs_free(). */
bool programs_load(const struct options *options, const struct programs_family *family,
		   struct programs **ret_programs, struct problem *ret_problem);

/* Attaches the programs; events arrive in the rings from here on. Borrows the symbols for the call.
 * After a failure some programs may be attached: the caller must call programs_free(). */
bool programs_attach(struct programs *programs, const struct options *options,
		     const struct kallsyms *symbols, struct problem *ret_problem);

/* Returns whether the programs walk user stacks by tables, and sets *ret_maps to the maps for
 * these, which are open until programs_free(). */
bool programs_unwind_maps(const struct programs *programs, struct unwind_table_maps *ret_maps);

/* Sets *ret_source to the program that prints functions of the kernel; its descriptor is -1 if it
 * cannot be used. The caller takes ownership of the descriptor. */
void programs_print_symbols(const struct programs *programs, struct symbol_source *ret_source);

/* Returns the programs of probes; NULL if no probes are recorded. */
struct probe_programs *programs_probes(const struct programs *programs);

/* Returns what the programs add up, valid until programs_free(). */
struct event_sums *programs_sums(struct programs *programs);

/* Returns what --every and --max-per-second chose from so far; 0 without these options. */
struct sched_chosen programs_chosen(const struct programs *programs, enum sched_choice choice);

/* Returns the programs of sections; NULL without sections, and before programs_attach(). */
struct section_programs *programs_sections(const struct programs *programs);

/* Detaches the programs. When this returns, no event arrives any more. programs_free() detaches
 * probes. */
void programs_detach(struct programs *programs);

/* Returns the descriptor of the i-th buffer of the rings in use, each of which has one or several;
 * -1 beyond the last. It is open until programs_free(). */
int programs_ring_fd(const struct programs *programs, size_t index);

/* No recording has more buffers. */
#define PROGRAMS_BUFFERS_MAX 48

/* A ring in use: all buffers of it. */
struct programs_ring {
	const char *name; /* of what is in it, such as "user_stack"; static */
	uint64_t bytes;
	uint64_t buffer_bytes; /* of each buffer */
	uint64_t larger_bytes; /* a --ring-size for buffers of four times that, at most 1 GiB */
};

/* Returns the i-th ring in use; false beyond the last. */
bool programs_ring(const struct programs *programs, size_t index, struct programs_ring *ret_ring);

/* Returns the index in programs_ring() of the ring that holds records of this kind; -1: none. */
int programs_ring_of_kind(const struct programs *programs, enum event_kind kind);

/* Opens for CPUs that have come online what was opened for each CPU. Call when cpu_hotplug_poll()
 * returns true. */
void programs_follow_cpus(struct programs *programs, struct cpu_hotplug *cpus);

/* Adds up the counts of all CPUs. ret_counts has EVENT_COUNTS members. */
void programs_counts(const struct programs *programs, uint64_t *ret_counts);

/* Whether the next record of a ring must wake diag-record. The programs reset it at that record. */
void programs_set_idle(struct programs *programs, bool is_idle);

/* Looks whether the group of --cgroup was made anew, and lets the programs record the new one. */
enum cgroup_change programs_follow_cgroup(struct programs *programs);

/* Returns the descriptor of the map of losses, which is open until programs_free(); and starts a
 * new epoch in that map. */
int programs_loss_fd(const struct programs *programs);
void programs_begin_loss_epoch(struct programs *programs);

/* Whether the programs have counted a loss since programs_clear_new_loss(). Call that before the
 * losses are read: a loss that is counted meanwhile is then new again. */
bool programs_has_new_loss(const struct programs *programs);
void programs_clear_new_loss(struct programs *programs);

/* Returns the i-th program that could not be attached; false beyond the last. */
bool programs_unattached(const struct programs *programs, size_t index,
			 struct programs_unattached *ret_unattached);

/* Hits or runs that the kernel missed, at an unknown time. */
struct programs_misses {
	uint32_t kind; /* enum event_kind */
	const char *reason;
	uint64_t count; /* since the start */
};

/* Returns the i-th count of misses: those of each program for exits and signals, then those of
 * probes by reason, then those of steps and of waits for a CPU. False beyond the last. */
bool programs_misses(const struct programs *programs, size_t index,
		     struct programs_misses *ret_misses);

/* Returns the sums over all programs, since they were loaded. */
struct programs_cost programs_cost(const struct programs *programs);

/* Detaches and unloads everything. NULL is allowed. */
void programs_free(struct programs *programs);

#endif
