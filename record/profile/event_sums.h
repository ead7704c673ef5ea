/* record/profile/event_sums.h - reads the events that BPF programs add up in cells
 *
 * There are two generations of cells. Once a second the programs are sent to the other one. When
 * none of them uses the older one any more, its records are read, after the rings: these have the
 * user stacks that the records refer to.
 */
#ifndef RECORD_PROFILE_EVENT_SUMS_H
#define RECORD_PROFILE_EVENT_SUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

#define EVENT_SUMS_TABLES 2

/* The cells of one kind of event, in memory shared with the kernel. */
struct event_sums_table {
	struct sum_cell *cells; /* of generation 0, CPU by CPU, then those of generation 1 */
	struct sum_mark *marks; /* of the CPUs */
	uint32_t cells_per_cpu;
};

/* Zeroed: nothing is added up. */
struct event_sums {
	struct event_sums_table tables[EVENT_SUMS_TABLES];
	size_t count;
	uint32_t cpus;
	volatile __u64 *generation; /* of the programs; NULL if there are no tables */
	uint64_t changed_ns;        /* when the generation was changed; CLOCK_BOOTTIME */
	bool is_changing;           /* the older one has not been read yet */
	size_t quiet_count;         /* CPUs of tables that do not use the older one any more */
};

/* Takes one record, which is valid during the call only. Returns false to stop reading. */
typedef bool (*event_sums_take)(void *context, const void *record, size_t size);

/* Returns the number of cells of each CPU for this rate of events: a power of two within the
 * limits of bpf/sched.h. */
uint32_t event_sums_cells_for(uint64_t events_per_second);

/* Changes the generation if a second has passed. Returns whether the older one can be read, with
 * event_sums_read(), when the rings have been read. */
bool event_sums_turn(struct event_sums *sums, uint64_t now_ns);

/* Returns how long event_sums_turn() has nothing to do; UINT64_MAX without tables. */
uint64_t event_sums_wait_ns(const struct event_sums *sums, uint64_t now_ns);

/* Passes the records of the older generation on, and frees their cells. Returns false if the
 * consumer stopped. */
bool event_sums_read(struct event_sums *sums, event_sums_take take, void *context);

/* The same for both generations. Call when the programs are detached. */
bool event_sums_read_all(struct event_sums *sums, event_sums_take take, void *context);

#endif
