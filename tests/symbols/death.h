/* tests/symbols/death.h - runs a program to its death and takes what a recorder would take there */
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

/* Registers, stack and mappings of the thread that ended its process, as they were at that moment.
 */
struct death {
	pid_t pid;
	int status; /* as wait() gives it */
	struct registers registers;
	uint8_t stack[DEATH_STACK_MAX_BYTES];
	struct stack_copy copy; /* of `stack` */
	struct mappings mappings;
};

/* Runs argv[0] by ptrace until its process ends; copies at most `stack_bytes` of its stack. When
 * `at_death` is given it is called while the process still exists, its files within reach. False if
 * it could not be run or watched. */
bool death_watch(char *const argv[], size_t stack_bytes,
		 void (*at_death)(void *context, struct death *death), void *context,
		 struct death *ret_death);

/* Releases what a successful death_watch() took. */
void death_release(struct death *death);

#endif
