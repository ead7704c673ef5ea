/* tests/symbols/death.h - runs a program and captures its death as a recorder does */
#ifndef TESTS_SYMBOLS_DEATH_H
#define TESTS_SYMBOLS_DEATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbols/mappings.h"
#include "symbols/registers.h"
#include "symbols/unwind.h"

#define DEATH_STACK_MAX_BYTES 65536u

/* Registers, stack and mappings of the thread that ended its process, at its death. */
struct death {
	pid_t pid;
	int status; /* of wait() */
	struct registers registers;
	uint8_t stack[DEATH_STACK_MAX_BYTES];
	struct stack_copy copy; /* of `stack` */
	struct mappings mappings;
};

/* Runs argv[0] under ptrace until its process ends, and copies at most `stack_bytes` of its stack.
 * Calls `at_death`, if not NULL, while the process and its files still exist. Returns false if it
 * cannot be run or traced. */
bool death_watch(char *const argv[], size_t stack_bytes,
		 void (*at_death)(void *context, struct death *death), void *context,
		 struct death *ret_death);

/* Frees the results of a successful death_watch(). */
void death_release(struct death *death);

#endif
