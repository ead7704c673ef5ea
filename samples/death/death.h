/* samples/death/death.h - the layers of a program whose third-party library ends it */
#ifndef SAMPLES_DEATH_DEATH_H
#define SAMPLES_DEATH_DEATH_H

/* main() calls first_start(), which calls second_work(), which calls third_check(): each in a
 * separate library, or all in the program. `how` is one of the words of death_ways(). */
int first_start(const char *how);
int second_work(const char *how);

/* Ends the process in the way that was asked for; returns only if the word is not known. */
int third_check(const char *how);

/* The words, one a line, NUL at the end. */
const char *third_ways(void);

/* Throws a C++ exception that no function catches. */
void third_throw(void);

#endif
