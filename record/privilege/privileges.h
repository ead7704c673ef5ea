/* record/privilege/privileges.h - gives up every right that recording does not need any more
 *
 * To load programs and to attach them takes nearly all rights, to read what they tell takes few.
 * What reads the files of strangers, to unwind stacks and to name them, must not be able to do
 * harm when it is fooled; so, before a recording begins,
 *
 * - the effective user and the group become those that own nothing. User 0 without capabilities
 *   would still own most files, and the memory of every process of root in /proc/PID/mem. The real
 *   and the saved user stay: otherwise every process of that user could send the recorder signals.
 * - of the capabilities those are kept that let files and mappings of other users be read, if user
 *   stacks are recorded; CAP_KILL with a command, to end it, and CAP_BPF where the kernel asks for
 *   it at each look at a map (before Linux 5.19). The bounding set is emptied.
 * - no_new_privs is set, and a filter of system calls (seccomp) lets no file be opened for writing,
 *   no program be executed or traced, no socket or process be made, no BPF program be loaded, no
 *   user be changed, and no signal be sent but the one that ends the command.
 *
 * Landlock would be of no use: a process that it restricts cannot look into others by /proc.
 *
 * Capabilities and users belong to each thread of its own: privileges_drop_thread() is for the
 * beginning of each, privileges_drop() for the first thread, and makes sure of the others.
 */
#ifndef RECORD_PRIVILEGE_PRIVILEGES_H
#define RECORD_PRIVILEGE_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/problem.h"

/* Who a recorder that was started by root is from then on. */
#define PRIVILEGES_NOBODY 65534u

/* What is still to be done. */
struct privileges_use {
	bool user_stacks; /* of processes of other users */
	bool orders;      /* taken from a socket that is open */
	pid_t command;    /* to be ended if the recording ends before it; 0 for none */
	int map_fd;       /* some BPF map that is in use; -1 for none */
};

/* Drops the rights of the calling thread, but for those that reading user stacks needs. False if
 * any of it failed. A filter of system calls is not set: it comes from privileges_drop(). */
bool privileges_drop_thread(void);

/* The same for a thread that needs no rights at all: what it works on is open. */
bool privileges_drop_all_of_thread(void);

/*
 * Drops the rights of the calling thread, waits until all others have dropped theirs, sets the
 * filter for all of them, and then looks whether the kernel shows all of it. False with a problem:
 * some rights may be gone, and nothing should be recorded.
 */
bool privileges_drop(const struct privileges_use *use, struct problem *ret_problem);

/* The rights that this thread has, as one line such as "uid 65534, capabilities dac_read_search
 * sys_ptrace, no new privileges, seccomp". */
void privileges_describe(char *out, size_t size);

/*
 * For a process that only makes files: keeps its user, of the capabilities only the one that lets
 * it write where that user might not, and of the system calls those for making, naming and removing
 * files and for handing them on. False if any of it failed.
 */
bool privileges_keep_files(void);

/*
 * For a process that only opens perf events: keeps its user, of the capabilities CAP_PERFMON and
 * CAP_SYS_ADMIN, which Debian's kernel asks for instead, and of the system calls that one and those
 * for taking requests and answering them. False if any of it failed.
 */
bool privileges_keep_events(void);

#endif
