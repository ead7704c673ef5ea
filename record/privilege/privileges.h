/* record/privilege/privileges.h - drops every privilege that recording does not need
 *
 * Loading and attaching BPF programs takes nearly all privileges, reading their events takes few.
 * The code that reads untrusted files, to unwind and symbolize stacks, must do no harm if it is
 * deceived. Therefore, before a recording starts:
 *
 * - The effective user and the group become 65534, which owns nothing. User 0 without capabilities
 *   would still own most files, and the memory of every process of root in /proc/PID/mem. The real
 *   and the saved user stay: otherwise every process of user 65534 could send the recorder signals.
 * - These capabilities are kept: with user stacks, those to read the files and mappings of other
 *   users; with a command CAP_KILL, to end it; CAP_BPF if the kernel checks it at each read of a
 * map (before Linux 5.19). The bounding set is emptied.
 * - no_new_privs is set. A filter of system calls (seccomp) lets no file be opened for writing, no
 *   program be executed or traced, no socket or process be created, no BPF program be loaded, no
 *   user be changed, and no signal be sent but the one that ends the command.
 *
 * Landlock does not help: a process that it restricts cannot read /proc of other processes.
 *
 * Capabilities and users belong to a thread: each additional thread must call
 * privileges_drop_thread() first. The first thread calls privileges_drop(), which checks the
 * others.
 */
#ifndef RECORD_PRIVILEGE_PRIVILEGES_H
#define RECORD_PRIVILEGE_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/problem.h"

/* Effective user and group of a recorder that root has started. */
#define PRIVILEGES_NOBODY 65534u

/* What the recorder still does after it has dropped privileges. */
struct privileges_use {
	bool user_stacks;  /* reads those of processes of other users */
	bool commands;     /* accepts commands on an open socket */
	bool memory_files; /* creates further files in memory */
	pid_t workload;    /* ends it if the recording ends first; 0: none */
	int map_fd;        /* any BPF map that is in use; -1: none */
};

/* Drops the privileges of the calling thread, except those to read user stacks. Does not set the
 * filter of system calls: privileges_drop() does. Returns false on failure. */
bool privileges_drop_thread(void);

/* Drops all privileges of the calling thread, which only uses open files. Returns false on
 * failure. */
bool privileges_drop_all_of_thread(void);

/*
 * Drops the privileges of the calling thread, waits until all others have dropped theirs, sets the
 * filter in all of them, and checks the result in /proc. Returns false and sets *ret_problem on
 * failure; some privileges may be gone then, and the caller must not record.
 */
bool privileges_drop(const struct privileges_use *use, struct problem *ret_problem);

/* Describes the privileges of this thread in one line, such as "uid 65534, capabilities
 * dac_read_search sys_ptrace, no new privileges on, seccomp on". */
void privileges_describe(char *out, size_t size);

/*
 * For the helper process of output files: keeps its user, CAP_DAC_OVERRIDE as the only capability,
 * and the system calls to create and remove files and to pass them on. Returns false on failure.
 */
bool privileges_keep_files(void);

/*
 * For the helper process of perf events: keeps its user, CAP_PERFMON and CAP_SYS_ADMIN, which
 * Debian's kernel requires instead, perf_event_open(2), and the system calls to take requests and
 * answer them. Returns false on failure.
 */
bool privileges_keep_events(void);

/*
 * For the helper process that starts the readers of files: the user becomes 65534, the capabilities
 * those to read user stacks. Of the system calls those to read files and to start a process stay.
 * Returns false on failure.
 */
bool privileges_keep_readers(void);

/* For a reader, which has the privileges of the process that started it: only the system calls to
 * read files and to answer requests stay. Returns false on failure. */
bool privileges_keep_reading(void);

/* For the process that writes the recording, which has no capabilities: only the system calls to
 * take open files, to write and to sync them stay, in all of its threads. Returns false on failure.
 */
bool privileges_keep_writing(void);

#endif
