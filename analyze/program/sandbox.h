/* analyze/program/sandbox.h - sandbox for a process that reads untrusted input */
#ifndef ANALYZE_PROGRAM_SANDBOX_H
#define ANALYZE_PROGRAM_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The restrictions of this process. */
struct sandbox {
	bool no_new_privileges;
	bool system_calls; /* seccomp is on: only system calls of an allow-list */
	int landlock;      /* version in force: no file can be opened; 0: the kernel has none */
	bool no_capabilities;
	bool not_root; /* user and group are not root's, no supplementary groups */
};

/*
 * Enters the sandbox. Call once, when all inputs and outputs are open, before the first byte of an
 * input is read. Afterwards no file can be opened, no program executed, no process or socket
 * created and no signal sent. Returns the restrictions in force: one that the kernel does not
 * support is skipped. Never fails.
 */
struct sandbox sandbox_enter(void);

/* Like sandbox_enter(), for a process that reads a file while it grows: it can also wait, and take
 * descriptors from a socket that is open. */
struct sandbox sandbox_enter_following(void);

/* Like sandbox_enter(), for a further thread of a process whose first thread has called
 * sandbox_enter(). It does not change the user: libc changes that of all threads, and ends the
 * process if one of them cannot. */
struct sandbox sandbox_enter_thread(void);

/*
 * Enters the sandbox of a process that opens files below some directories for other processes. It
 * drops all capabilities. With Landlock, it can only read files below the directories, and has no
 * network. It can start processes, which have the same restrictions. Borrows the descriptors.
 */
void sandbox_enter_below(const int *directory_fds, size_t count);

/* Enters the sandbox of a process that also needs the network: it drops all capabilities, and
 * programs that it executes do not gain any. */
void sandbox_enter_online(void);

/* Prints "sandbox: seccomp on, Landlock version 6, no new privileges on, ..." as one line. */
void sandbox_describe(const struct sandbox *sandbox, FILE *out);

#endif
