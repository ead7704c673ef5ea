/* analyze/program/sandbox.h - gives up every right that reading an opened file and writing one does
 * not need */
#ifndef ANALYZE_PROGRAM_SANDBOX_H
#define ANALYZE_PROGRAM_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What protects this process. */
struct sandbox {
	bool no_new_privileges;
	bool system_calls; /* seccomp: only those of an allow-list */
	int landlock;      /* its version: no file can be opened; 0: the kernel has none */
	bool no_capabilities;
	bool not_root; /* and no group of root's */
};

/*
 * To be called once, when all inputs and outputs are open and before the first byte of an input is
 * looked at. From then on no file can be opened, no program executed, no process or socket made and
 * no signal sent. What the kernel cannot do is left out and told; nothing is an error.
 */
struct sandbox sandbox_enter(void);

/*
 * The same for a process that opens files below some directories for others: it gives up all
 * capabilities, and with Landlock every other right to files and the network, but may start
 * processes, which do not get more.
 */
void sandbox_enter_below(const int *directory_fds, size_t count);

/* For a process that needs the network, too: no capabilities, and no program that has more. */
void sandbox_enter_online(void);

/* "sandbox: seccomp, Landlock 7, no capabilities, ..." as a line. */
void sandbox_describe(const struct sandbox *sandbox, FILE *out);

#endif
