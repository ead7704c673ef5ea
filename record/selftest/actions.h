/* record/selftest/actions.h - actions of the processes of a self-test */
#ifndef RECORD_SELFTEST_ACTIONS_H
#define RECORD_SELFTEST_ACTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/problem.h"
#include "record/selftest/deeds.h"

#define ACTIONS_EXIT_CODE    7
#define ACTIONS_THRESHOLD_MS 20u /* of sections */
#define ACTIONS_SLEEP_MS     20u /* of each nanosleep() */
#define ACTIONS_LABEL        "self-test"

/* Each is a deeds_action. `spans` and `count` of the worker are what it did. */
int actions_exit(struct deeds *deeds, struct deeds_worker *self); /* sleeps, exits with the code */
int actions_wait(struct deeds *deeds, struct deeds_worker *self); /* until it is killed */
int actions_receive(struct deeds *deeds,
		    struct deeds_worker *self); /* handles SIGUSR1, waits for SIGTERM */
int actions_send(struct deeds *deeds, struct deeds_worker *self); /* sends both to the first */
int actions_sections(struct deeds *deeds,
		     struct deeds_worker *self); /* two, by system calls: 50 ms and 1 ms */
int actions_functions(struct deeds *deeds,
		      struct deeds_worker *self);                  /* the same, by two functions */
int actions_sleep(struct deeds *deeds, struct deeds_worker *self); /* calls nanosleep() */
int actions_getppid(struct deeds *deeds, struct deeds_worker *self); /* calls getppid() */
int actions_spin(struct deeds *deeds,
		 struct deeds_worker *self); /* uses the first CPU that it may use */

/* Writes the words of --uprobe for the sections of actions_functions(). Returns false and sets
 * *ret_problem if the program of this process is not known. */
bool actions_uprobe(const struct deeds *deeds, char *out, size_t size, struct problem *ret_problem);

#endif
