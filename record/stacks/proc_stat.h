/* record/stacks/proc_stat.h - start and threads of a process, from /proc/PID/stat */
#ifndef RECORD_STACKS_PROC_STAT_H
#define RECORD_STACKS_PROC_STAT_H

#include <stdbool.h>
#include <stdint.h>

struct proc_stat {
	uint64_t start_ns; /* CLOCK_BOOTTIME, with the precision of /proc */
	uint32_t threads;
};

/* Opens /proc/PID with O_PATH: the descriptor stays that of this process even if its ID is reused.
 * Returns -1 and sets errno on failure. The caller closes it. */
int proc_stat_open_directory(uint32_t pid);

/* Reads the file below the directory. It needs no lock of the process, so it does not wait. Returns
 * false if the process has ended, or on failure. */
bool proc_stat_read(int directory, struct proc_stat *ret_stat);

/* Returns a start time with the precision of /proc. */
uint64_t proc_stat_round(uint64_t start_ns);

#endif
